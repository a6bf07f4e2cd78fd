/**
 * The seam of ../javascript/interpreter.js in mini-racer: files come from Python, WASI's imports from the shim that pages
 * use, and there are no threads. runner.py makes one script of this and of all that it imports, and calls `run`.
 */

import { entropy } from './globals.js';

import { apiFindings } from '../javascript/api.js';
import { decode } from '../javascript/base64.js';
import { Failure } from '../javascript/failures.js';
import { Interpreter } from '../javascript/interpreter.js';
import { wasi } from '../javascript/wasi_shim.js';

/**
 * Python's functions: `open` gives a file's length or says why there is none, `read` fills the bytes with it.
 * @type {{open: (sha256: string, path: string) => Promise<number | string>, read: (into: Uint8Array) => Promise<void>}}
 */
let files;

/** @returns {never} */
function noThread() {
  throw new Failure('spawn', 'unsupported', 'mini-racer has no Worker: one thread');
}

/** @type {import('../javascript/interpreter.js').Host} */
const host = {
  async load(ref) {
    if (ref.base64 !== undefined) return decode(ref.base64);
    const opened = await files.open(ref.sha256, String(ref.path));
    if (typeof opened === 'string') {
      const [name, message] = opened.split('\n', 2);
      throw new Failure('fetch', name, message);
    }
    const bytes = new Uint8Array(opened);
    if (opened) await files.read(bytes);
    return bytes;
  },
  worker: noThread,
  surroundings: noThread,
  wasi: async (grant) => wasi(grant),
};

const interpreter = new Interpreter(host);

/** @param {typeof files.open} open @param {typeof files.read} read @returns {Uint8Array} the pool of random bytes */
export function start(open, read) {
  files = { open, read };
  return entropy.bytes;
}

/** @returns {Promise<string>} `findings` of a hello, as JSON */
export async function findings() {
  return JSON.stringify(await apiFindings());
}

/** @param {string} script JSON @returns {Promise<string>} its results, as JSON */
export async function run(script) {
  entropy.left = entropy.bytes.length;
  return JSON.stringify(await interpreter.run(JSON.parse(script)));
}
