/**
 * WASI preview 1 as bun has it: its `node:wasi`, written in JavaScript, which differs from node's in what is bridged here.
 *
 * It takes no `stdin`, `stdout` and `stderr` of its own, `proc_exit` ends the process, `start` gives no exit code, and there
 * are no `initialize` and `getImportObject`. Each can go when bun's has it; all it does for a guest is its own.
 */

import { Exit } from './failures.js';
import { preview1 } from './node_wasi.js';

export const { wasi, command } = preview1(async (options) => {
  const { WASI } = await import('node:wasi');
  const runtime = new WASI(options);
  [options.stdin, options.stdout, options.stderr].forEach((descriptor, nth) => {
    runtime.FD_MAP.get(nth).real = descriptor;
  });
  const wasiImport = {
    ...runtime.wasiImport,
    proc_exit: (code) => {
      throw new Exit(code);
    },
  };
  return {
    wasiImport,
    getImportObject: () => ({ wasi_snapshot_preview1: wasiImport }),
    initialize: ({ exports }) => runtime.setMemory(exports.memory),
    start: (instance) => {
      if (typeof instance.exports._start !== 'function') throw new TypeError('the module exports no _start');
      try {
        runtime.start(instance);
        return 0;
      } catch (thrown) {
        if (thrown instanceof Exit) return thrown.code;
        throw thrown;
      }
    },
  };
});
