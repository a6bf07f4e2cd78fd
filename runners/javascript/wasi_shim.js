/**
 * WASI preview 1 for reactors in browsers and in mini-racer, which have none: npm's @bjorn3/browser_wasi_shim, so that Go's
 * and C's modules can start. What they print goes to the console. The server of pages, or who makes one script of all,
 * puts the package under `node_modules/` beside this file.
 */

import { ConsoleStdout, File, OpenFile, WASI } from './node_modules/@bjorn3/browser_wasi_shim/dist/index.js';

import { Exit, Failure } from './failures.js';

/**
 * @param {import('./interpreter.js').Grant} grant arguments and environment; no files
 * @returns {import('./interpreter.js').Wasi}
 */
export function wasi({ args = [], env = {}, stdin, preopens = [] }) {
  if (stdin || preopens.length) {
    throw new Failure('wasi', 'unsupported', 'the shim has no files to grant');
  }
  const runtime = new WASI(
    args,
    Object.entries(env).map(([name, value]) => `${name}=${value}`),
    [
      new OpenFile(new File([])),
      ConsoleStdout.lineBuffered((line) => console.log(line)),
      ConsoleStdout.lineBuffered((line) => console.error(line)),
    ],
  );
  return {
    imports: {
      ...runtime.wasiImport,
      proc_exit: (code) => {
        throw new Exit(code);
      },
    },
    bind: (memory) => {
      runtime.inst = { exports: { memory } };
    },
    close: () => {},
  };
}
