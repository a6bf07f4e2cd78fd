/**
 * WASI preview 1 for reactors in browsers and in mini-racer, which have none: npm's @bjorn3/browser_wasi_shim, so that Go's
 * and C's modules can start. What they print goes to the console. The server of pages, or who makes one script of all,
 * puts the package under `node_modules/` beside this file.
 */

import { ConsoleStdout, Fd, File, OpenFile, WASI } from './node_modules/@bjorn3/browser_wasi_shim/dist/index.js';

import { Exit, Failure } from './failures.js';

const [STDOUT, STDERR] = [1, 2];
const PATIENCE = 1000; // ms

/**
 * @param {import('./interpreter.js').Grant} grant arguments and environment; no files
 * @returns {import('./interpreter.js').Wasi}
 */
export function wasi({ args = [], env = {}, stdin, preopens = [] }) {
  if (stdin || preopens.length) {
    throw new Failure('wasi', 'unsupported', 'the shim has no files to grant');
  }
  return given(args, env, [
    new OpenFile(new File([])),
    ConsoleStdout.lineBuffered((line) => console.log(line)),
    ConsoleStdout.lineBuffered((line) => console.error(line)),
  ]);
}

/**
 * What the threads of a program share (wasi_threads.js): what they print comes by messages, in the order in which they did.
 * @param {import('./interpreter.js').Grant} grant as of `wasi`; also its standard input
 * @param {(ref: import('./interpreter.js').Ref) => Promise<Uint8Array>} load
 * @returns {Promise<import('./wasi_threads.js').Surroundings>}
 */
export async function surroundings({ args = [], env = {}, stdin, preopens = [], collect = [] }, load) {
  if (preopens.length) throw new Failure('wasi', 'unsupported', 'the shim has no files to grant');
  if (typeof SharedArrayBuffer === 'undefined') {
    throw new Failure('spawn', 'ReferenceError', 'SharedArrayBuffer is not defined');
  }
  const written = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const input = stdin ? await load(stdin) : new Uint8Array();
  const [pieces, all] = [[], Promise.withResolvers()];
  const come = () => pieces.filter(Boolean).length;
  let ended = false;
  return {
    options: { args, env, input, written },
    receive: (piece) => {
      pieces[piece.number] = piece;
      if (ended && come() === written[0]) all.resolve();
    },
    outcome: async () => {
      ended = true;
      // What a thread was about to say when it was ended never comes.
      if (come() < written[0]) await Promise.race([all.promise, new Promise((done) => setTimeout(done, PATIENCE))]);
      const of = (descriptor) => join(pieces.filter((piece) => piece.descriptor === descriptor));
      const files = Object.fromEntries(collect.map((path) => [path, null]));
      return { stdout: of(STDOUT), stderr: of(STDERR), files };
    },
    close: () => {},
  };
}

/** WASI for one of those threads. @returns {import('./interpreter.js').Wasi} */
export function inThread({ args, env, input, written }, port) {
  const output = (descriptor) =>
    new Posted((bytes) => {
      port.postMessage({ type: 'output', descriptor, bytes, number: Atomics.add(written, 0, 1) });
    });
  return given(args, env, [new OpenFile(new File(input)), output(STDOUT), output(STDERR)]);
}

/** A descriptor that gives away what is written. */
class Posted extends Fd {
  #give;

  constructor(give) {
    super();
    this.#give = give;
  }

  fd_write(bytes) {
    this.#give(bytes.slice());
    return { ret: 0, nwritten: bytes.byteLength };
  }
}

function join(pieces) {
  const joined = new Uint8Array(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of pieces) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}

function given(args, env, descriptors) {
  const runtime = new WASI(
    args,
    Object.entries(env).map(([name, value]) => `${name}=${value}`),
    descriptors,
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
