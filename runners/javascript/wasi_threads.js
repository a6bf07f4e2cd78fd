/**
 * A WASI program that starts threads by `wasi.thread-spawn` (https://github.com/WebAssembly/wasi-threads). Each of them, the
 * main one too, is a thread worker with an instance of its own on the one memory; the end of the main one, or one that is not a
 * mere return, is the end of all.
 *
 * The interpreter's own thread never waits, so it can start a worker while whoever asked for it does.
 */

import { Failure, report } from './failures.js';

/** WASI's errno `again`, negated: no thread is to be had. */
const REFUSED = -6;

/**
 * @typedef {object} Surroundings What the threads of a program have of the outside; a host makes it of a grant.
 * @property {object} options goes to each thread, which makes its WASI of it
 * @property {(message: object) => void} [receive] what a thread's WASI posts, other than `spawn`
 * @property {() => Promise<{stdout: Uint8Array, stderr: Uint8Array, files: Record<string, Uint8Array | null>}>} outcome
 * @property {() => void} close
 */

export class WasiProgram {
  #pool;
  #order;
  #surroundings;
  #threads = new Set();
  #spawned = 0;
  #finish;

  /**
   * @param {import('./team.js').Pool} pool
   * @param {WebAssembly.Module} code
   * @param {{module: string, name: string, memory: WebAssembly.Memory}[]} memories what it imports
   * @param {Surroundings} surroundings
   */
  constructor(pool, code, memories, surroundings) {
    this.#pool = pool;
    this.#order = { type: 'start', code, memories, program: surroundings.options };
    this.#surroundings = surroundings;
  }

  /** @returns {Promise<object>} how it ended: an entry of `results`, with `exit` where it is that */
  async run() {
    const start = performance.now();
    const ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    const refused = await this.#start(['_start']);
    const result = refused ?? (await ended);
    await Promise.all([...this.#threads].map((thread) => thread.end()));
    return { ...(result.values ? { exit: 0 } : result), seconds: (performance.now() - start) / 1000 };
  }

  /** A thread that calls an export: `[name, …arguments]`. @returns {Promise<object | null>} why there is none */
  async #start(call) {
    const thread = this.#pool.take();
    this.#threads.add(thread);
    thread.onevent = (event) => {
      if (event.type === 'spawn') this.#spawn(event);
      else this.#surroundings.receive(event);
    };
    const reply = await thread.ask({ ...this.#order, call }).catch((thrown) => ({ result: report(thrown, 'spawn') }));
    if (reply.type !== 'ready') {
      this.#threads.delete(thread);
      thread.end();
      return reply.result;
    }
    this.#go(thread, call[0] === '_start');
    return null;
  }

  async #spawn({ arg, reply }) {
    this.#spawned += 1;
    const number = this.#spawned;
    const refused = await this.#start(['wasi_thread_start', number, arg]);
    Atomics.store(reply, 0, refused ? REFUSED : number);
    Atomics.notify(reply, 0);
  }

  async #go(thread, isMain) {
    const { type, result } = await thread.ask({ type: 'go' }).catch((thrown) => ({ result: report(thrown, 'spawn') }));
    if (type === 'done') {
      this.#threads.delete(thread);
      this.#pool.give(thread);
    }
    if (isMain || !result.values) this.#finish(result);
  }
}

/**
 * The import, for the thread that listens at this port's other end.
 * @param {Pick<Worker, 'postMessage'>} port
 * @returns {WebAssembly.ModuleImports}
 */
export function spawning(port) {
  if (typeof SharedArrayBuffer === 'undefined') throw new Failure('spawn', 'ReferenceError', 'no SharedArrayBuffer');
  const reply = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return {
    'thread-spawn': (arg) => {
      Atomics.store(reply, 0, 0);
      port.postMessage({ type: 'spawn', arg, reply });
      Atomics.wait(reply, 0, 0);
      return Atomics.load(reply, 0);
    },
  };
}
