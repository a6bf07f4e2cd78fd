/**
 * The threads of one `spawn`, seen from the script: all are instantiated before any is let go.
 *
 * A thread worker (thread.js) answers two orders: `start` with `ready` or `failed`, `go` with `done`.
 */

import { Failure, report } from './failures.js';

/** Idle threads that are kept; each takes some MiB. */
const MOST_IDLE = 16;

/** Thread workers between two scripts. One comes back only when its thread ended: it then holds nothing of the module. */
export class Pool {
  #make;
  #idle = [];

  /** @param {() => Worker} make */
  constructor(make) {
    this.#make = make;
  }

  take() {
    while (this.#idle.length) {
      const thread = this.#idle.pop();
      if (!thread.lost) return thread;
    }
    return new Thread(this.#make());
  }

  give(thread) {
    if (this.#idle.length < MOST_IDLE) this.#idle.push(thread);
    else thread.end();
  }
}

export class Team {
  #pool;
  #threads;
  #running;

  /** @param {Pool} pool @param {number} size */
  constructor(pool, size) {
    this.#pool = pool;
    this.#threads = Array.from({ length: size }, () => pool.take());
  }

  /**
   * Instantiates in every thread, then lets them all go.
   * @param {object[]} orders one a thread
   * @returns {Promise<object | null>} why it could not start, as a result; null when all run
   */
  async start(orders) {
    const replies = await Promise.all(
      this.#threads.map((thread, nth) => thread.ask({ type: 'start', ...orders[nth] })),
    ).catch((thrown) => [{ result: report(thrown, 'spawn') }]);
    const failed = replies.find(({ type }) => type !== 'ready');
    if (failed) {
      this.end();
      return failed.result;
    }
    this.#running = this.#threads.map((thread) =>
      thread.ask({ type: 'go' }).catch((thrown) => ({ result: report(thrown, 'spawn') })),
    );
    return null;
  }

  /** @returns {Promise<{workers: object[], seconds: number}>} what each thread came to, in order */
  async join() {
    const replies = await Promise.all(this.#running);
    for (const [nth, { type }] of replies.entries()) {
      if (type === 'done') this.#pool.give(this.#threads[nth]);
      else this.#threads[nth].end();
    }
    this.#threads = [];
    const clocked = replies.filter(({ type }) => type === 'done');
    const start = Math.min(...clocked.map(({ start }) => start));
    const end = Math.max(...clocked.map(({ end }) => end));
    return {
      workers: replies.map(({ result, start, end }) => ({ ...result, seconds: end === undefined ? 0 : end - start })),
      seconds: clocked.length ? end - start : 0,
    };
  }

  /** Ends the threads that were not joined, whatever they do. */
  end() {
    for (const thread of this.#threads) thread.end();
    this.#threads = [];
  }
}

const ANSWERS = new Set(['ready', 'failed', 'done']);

/** One thread worker: an order goes in, its answer comes out; whatever else happens to it is the answer, too. */
class Thread {
  /** @type {(event: {type: string}) => void} what it tells beside, while it runs */
  onevent = () => {};
  #worker;
  #resolve;
  #reject;
  /** @type {Failure | null} why it cannot be asked any more */
  lost = null;

  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => {
      if (ANSWERS.has(data.type)) this.#resolve?.(data);
      else this.onevent(data);
    };
    worker.onerror = (event) => {
      event.preventDefault?.(); // else a page's own onerror hears it again
      // A browser that could not load the worker's script tells nothing but that.
      this.#lose(event.error?.name ?? 'WorkerError', event.message ?? 'the script of the worker did not load');
    };
    worker.onmessageerror = () => this.#lose('DataCloneError', 'the worker could not read what it was sent');
  }

  ask(order) {
    return new Promise((resolve, reject) => {
      if (this.lost) throw this.lost;
      this.#resolve = resolve;
      this.#reject = reject;
      this.#worker.postMessage(order);
    });
  }

  /** @returns {Promise<unknown> | void} its end, where the host tells */
  end() {
    const ended = this.#worker.terminate();
    this.#lose('terminated', 'the thread was ended');
    return ended;
  }

  #lose(name, message) {
    this.lost = new Failure('spawn', name, message);
    this.#reject?.(this.lost);
  }
}
