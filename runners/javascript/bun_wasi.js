/**
 * WASI preview 1 as bun has it: its `node:wasi`, written in JavaScript, which differs from node's in what is bridged here.
 *
 * It takes no `stdin`, `stdout` and `stderr` of its own, `proc_exit` ends the process, `start` gives no exit code, and there
 * are no `initialize` and `getImportObject`. Each can go when bun's has it; all it does for a guest is its own.
 */

import { Exit, Failure } from './failures.js';
import { preview1 } from './node_wasi.js';

/** Since when `random_get` writes where it is told to, and not over all of the memory, and a preopened folder confines. */
const FIT = '>=1.4.0';

export const { wasi, command, surroundings, inThread } = preview1(async (options) => {
  if (!Bun.semver.satisfies(Bun.version, FIT)) {
    const why = 'random_get writes over all of the memory, and guests reach files that they were not granted';
    throw new Failure('wasi', 'unsupported', `the WASI of bun ${Bun.version} is not usable (${FIT} is): ${why}`);
  }
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
