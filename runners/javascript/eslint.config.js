import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['node_modules/'] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['*.js'], languageOptions: { globals: globals['shared-node-browser'] } },
  { files: ['node*.js'], languageOptions: { globals: globals.node } },
  { files: ['browser_*.js', 'worker.js'], languageOptions: { globals: { ...globals.browser, ...globals.worker } } },
];
