/** The seam of interpreter.js for node, and for hosts with its interfaces. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

import { decode } from './base64.js';
import { Failure } from './failures.js';

const MIB = 2 ** 20;
/** What a Worker takes at the most, in bytes: seen were 16 MiB in node, 11 in deno, 4 in bun. */
const WORKER = 16 * MIB;
/** By which factor the process may still grow while its Workers only wait: seen was a tenth, on a busy machine. */
const GROWN = 1.1;

/**
 * @param {object} own what the host has of its own
 * @param {URL} own.thread the entry of a thread worker
 * @param {ReturnType<typeof import('./node_wasi.js').preview1>['wasi']} own.wasi
 * @param {ReturnType<typeof import('./node_wasi.js').preview1>['command']} own.command
 * @param {ReturnType<typeof import('./node_wasi.js').preview1>['surroundings']} own.surroundings
 * @param {ReturnType<typeof import('./node_program.js').programs>} own.program
 * @returns {import('./interpreter.js').Host}
 */
export function hostWith({ thread, wasi, command, surroundings, program }) {
  return {
    load,
    worker: () => new ThreadWorker(thread),
    room: ({ more, memory }) => process.memoryUsage().rss * GROWN + more * WORKER <= memory,
    wasi: (grant) => wasi(grant, load),
    command: (code, imports, grant) => command(code, imports, grant, load),
    surroundings: (grant) => surroundings(grant, load),
    program: (given) => program(given, load),
  };
}

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

  /** @param {URL} entry */
  constructor(entry) {
    // With `stdout`, what a module prints in the thread does not reach our own standard output (bun has no such stream).
    this.#worker = new Worker(entry, { stdout: true });
    this.#worker.stdout?.pipe(process.stderr, { end: false });
    this.#worker.on('message', (data) => this.onmessage({ data }));
    this.#worker.on('messageerror', () => this.onmessageerror());
    this.#worker.on('error', (error) => this.onerror({ error, message: error.message }));
    this.#worker.on('exit', (code) => this.onerror({ message: `the thread exited with ${code}` }));
  }

  postMessage(message) {
    this.#worker.postMessage(message);
  }

  terminate() {
    return this.#worker.terminate();
  }
}
