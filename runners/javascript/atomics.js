/** What JavaScript itself does with a linear memory: typed arrays on it, and the functions of `Atomics`. */

import { Failure, malformed } from './failures.js';

const ELEMENTS = Object.fromEntries(
  [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    BigInt64Array,
    BigUint64Array,
    Float32Array,
    Float64Array,
  ].map((kind) => [kind.name, kind]),
);

const FUNCTIONS = new Set([
  ...['load', 'store', 'add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange'],
  ...['wait', 'waitAsync', 'notify'],
]);

/** In ms: how long a notify looks for waiters who are still on their way. */
const PATIENCE = 5000;

/** The views and the promises of one script, by their names. */
export class Views {
  /** @type {Map<string, ArrayBufferView>} */
  #views = new Map();
  /** @type {Map<string, {asked: number, settled: Promise<{string: string, end: number}>}>} */
  #promises = new Map();

  /**
   * @param {string} name
   * @param {string | undefined} element the name of its class; without, the view that has the name is asked
   * @param {() => WebAssembly.Memory} memory
   * @returns {object} its length in elements
   */
  view(name, element, memory) {
    if (element !== undefined) {
      if (!Object.hasOwn(ELEMENTS, element)) throw malformed(`no such typed array: ${JSON.stringify(element)}`);
      this.#views.set(name, new ELEMENTS[element](memory().buffer));
    }
    return { values: [toValue(this.#view(name).length)] };
  }

  /** One function of `Atomics`, `repeat` times; or a notify until `total` have been woken. */
  async call({ function: name, view, index, args = [], timeout, bind, repeat = 1, total }) {
    if (!FUNCTIONS.has(name)) throw malformed(`Atomics has no function ${JSON.stringify(name)}`);
    const given = [this.#view(view), index, ...args.map(fromValue), ...(timeout === undefined ? [] : [timeout])];
    const start = performance.now();
    const call = () => Atomics[name](...given);
    let outcome;
    try {
      if (total !== undefined) return await woken(call, total, start);
      for (let nth = 0; nth < repeat; nth += 1) outcome = call();
    } catch (thrown) {
      return { thrown: { name: thrown.name, message: thrown.message } };
    }
    const seconds = (performance.now() - start) / 1000;
    if (outcome?.async) {
      this.#promises.set(bind, {
        asked: start,
        settled: outcome.value.then((string) => ({ string, end: performance.now() })),
      });
      return { string: 'async', seconds };
    }
    const string = name === 'waitAsync' ? outcome.value : outcome;
    return typeof string === 'string' ? { string, seconds } : { values: [toValue(outcome)], seconds };
  }

  /** What the promise of a `waitAsync` came to; the seconds are those since it was asked for. */
  async settle(name) {
    const promise = this.#promises.get(name);
    if (!promise) throw malformed(`no promise is called ${JSON.stringify(name)}`);
    const { string, end } = await promise.settled;
    return { string, seconds: (end - promise.asked) / 1000 };
  }

  #view(name) {
    const view = this.#views.get(name);
    if (!view) throw new Failure('memory', 'no-view', `no view is called ${JSON.stringify(name)}`);
    return view;
  }
}

/** How many each notify woke that woke any. */
async function woken(notify, total, start) {
  const counts = [];
  for (let sum = 0; sum < total && performance.now() - start < PATIENCE;) {
    const count = notify();
    sum += count;
    if (count) counts.push(toValue(count));
    else await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { values: counts, seconds: (performance.now() - start) / 1000 };
}

/** Signed, as an element of Int32Array or BigInt64Array would be. */
function fromValue(value) {
  if (value?.type === 'i32') return Number(value.value) | 0;
  if (value?.type === 'i64') return BigInt.asIntN(64, BigInt(value.value));
  throw malformed(`Atomics takes i32 and i64, not ${JSON.stringify(value)}`);
}

function toValue(given) {
  return typeof given === 'bigint'
    ? { type: 'i64', value: BigInt.asUintN(64, given).toString() }
    : { type: 'i32', value: String(given >>> 0) };
}
