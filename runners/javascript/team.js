/**
 * The threads of one `spawn`, seen from the script: all are instantiated before any is let go.
 *
 * A thread worker (thread.js) answers two orders: `start` with `ready` or `failed`, `go` with `done`.
 */

import { Failure, report } from './failures.js';

/** Idle threads that are kept; each takes some MiB. */
const MOST_IDLE = 16;

/** So many are started at a time: between them it is seen whether there is room for more. */
const BATCH = 16;

/** In ms: how long the next thread may take. Firefox lets workers that are too many wait, and says nothing. */
const PATIENCE = 15_000;

const MIB = 2 ** 20;

/** Thread workers between two scripts. One comes back only when its thread ended: it then holds nothing of the module. */
export class Pool {
  #make;
  #room;
  #idle = [];

  /** @param {Pick<import('./interpreter.js').Host, 'worker' | 'room'>} host */
  constructor({ worker, room = () => true }) {
    this.#make = worker;
    this.#room = room;
  }

  /** @throws {Failure} where so many more, beside those that run, may not fit into the memory that the runner may have */
  makeRoom(running, more, memory) {
    if (memory === undefined || this.#room({ running, more, memory })) return;
    const words = `${more} workers more may not fit into the ${Math.floor(memory / MIB)} MiB that the runner may have`;
    throw new Failure('spawn', 'memory-limit', words);
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
  #memory;
  #threads = [];
  #running;

  /** @param {Pool} pool @param {number} [memory] in bytes: what the runner may have */
  constructor(pool, memory) {
    this.#pool = pool;
    this.#memory = memory;
  }

  /**
   * Instantiates in every thread, then lets them all go.
   * @param {object[]} orders one a thread
   * @returns {Promise<object | null>} why it could not start, as a result; null when all run
   */
  async start(orders) {
    let started = 0;
    for (let first = 0; first < orders.length; first += BATCH) {
      for await (const { type, result } of this.#begin(orders.slice(first, first + BATCH))) {
        if (type !== 'ready') {
          this.end();
          return result.error ? { error: { ...result.error, started } } : result;
        }
        started += 1;
      }
    }
    this.#running = this.#threads.map((thread) =>
      thread.ask({ type: 'go' }).catch((thrown) => ({ result: report(thrown, 'spawn') })),
    );
    return null;
  }

  /** Instantiates in further threads. Yields the answer of each, in order; one that says why there are no more. */
  async *#begin(orders) {
    const replies = [];
    try {
      this.#pool.makeRoom(this.#threads.length, orders.length, this.#memory);
      for (const order of orders) {
        const thread = this.#pool.take();
        this.#threads.push(thread);
        replies.push(inTime(thread.ask({ type: 'start', ...order })));
      }
    } catch (thrown) {
      replies.push({ result: report(thrown, 'spawn') });
    }
    yield* replies;
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

/** @returns {Promise<object>} the answer; why there is none */
function inTime(answer) {
  let timer;
  const late = new Promise((_, reject) => {
    const words = `the next worker was not ready within ${PATIENCE / 1000} s`;
    timer = setTimeout(() => reject(new Failure('spawn', 'not-ready', words)), PATIENCE);
  });
  return Promise.race([answer, late])
    .catch((thrown) => ({ result: report(thrown, 'spawn') }))
    .finally(() => clearTimeout(timer));
}

const ANSWERS = new Set(['ready', 'failed', 'done']);

/**
 * Every thread that is not lost. Without this there were promises alone between a script and its threads, and Firefox 153
 * now and then lost a worker to which nothing else referred, though its answer was awaited (docs/findings.md).
 */
const threads = new Set();

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
    threads.add(this);
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
    threads.delete(this);
    this.lost = new Failure('spawn', name, message);
    this.#reject?.(this.lost);
  }
}
