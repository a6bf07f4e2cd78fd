import js from '@eslint/js';
import globals from 'globals';

const interpreter = 'runners/javascript';
const browser = { ...globals.browser, ...globals.worker };

export default [
  { ignores: ['**/.*/', '**/target/', 'modules/dist/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  { files: [`${interpreter}/*.js`], languageOptions: { globals: globals['shared-node-browser'] } },
  {
    files: [`${interpreter}/{node,deno,bun}*.js`, `${interpreter}/{stdio,lines,file_input}.js`],
    languageOptions: { globals: globals.node },
  },
  { files: [`${interpreter}/deno*.js`], languageOptions: { globals: { Deno: 'readonly' } } },
  { files: [`${interpreter}/bun*.js`], languageOptions: { globals: { Bun: 'readonly' } } },
  {
    files: [`${interpreter}/{browser_*,worker}.js`, 'runners/browser/web/*.js', 'headers_server/pages/probes/*.js'],
    languageOptions: { globals: browser },
  },
  {
    files: ['headers_server/pages/*.js'],
    languageOptions: { globals: { ...globals.serviceworker, HEADERS: 'readonly' } },
  },
  { files: ['runners/workerd/*.js'], languageOptions: { globals: globals.worker } },
  {
    files: ['modules/rust/pool/js/*.mjs'],
    languageOptions: { globals: { ...globals['shared-node-browser'], ...globals.worker } },
  },
  { files: ['modules/emscripten/**/*.js'], languageOptions: { sourceType: 'commonjs' } },
  { files: ['examples/*.mjs'], languageOptions: { globals: globals.node } },
  { files: ['tests/runners/falls_back/*.mjs'], languageOptions: { globals: browser } },
  // The body of a function, which WebDriver runs in a page.
  { files: ['tests/**/*.js'], languageOptions: { sourceType: 'commonjs', globals: globals.browser } },
];
