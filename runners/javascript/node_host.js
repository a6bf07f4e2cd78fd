/** The seam of interpreter.js for node. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

import { decode } from './base64.js';
import { Failure } from './failures.js';
import { command, wasi } from './node_wasi.js';

/** @type {import('./interpreter.js').Host} */
export const host = {
  load,
  worker: () => new ThreadWorker(),
  wasi: (grant) => wasi(grant, load),
  command: (code, imports, grant) => command(code, imports, grant, load),
};

async function load(ref) {
  if (ref.base64 !== undefined) return decode(ref.base64);
  let bytes;
  try {
    bytes = await readFile(ref.path);
  } catch (error) {
    throw new Failure('fetch', error.code ?? error.name, error.message);
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== ref.sha256) throw new Failure('fetch', 'hash', `${ref.path} has sha256 ${found}, not ${ref.sha256}`);
  return bytes;
}

/** A worker_threads Worker that looks like a browser's. */
class ThreadWorker {
  #worker;

  constructor() {
    // With `stdout`, what a module prints in the thread does not reach our own standard output.
    this.#worker = new Worker(new URL('node_thread.js', import.meta.url), { stdout: true });
    this.#worker.stdout.pipe(process.stderr, { end: false });
    this.#worker.on('message', (data) => this.onmessage({ data }));
    this.#worker.on('messageerror', () => this.onmessageerror());
    this.#worker.on('error', (error) => this.onerror({ error, message: error.message }));
    this.#worker.on('exit', (code) => this.onerror({ message: `the thread exited with ${code}` }));
  }

  postMessage(message) {
    this.#worker.postMessage(message);
  }

  terminate() {
    this.#worker.terminate();
  }
}
