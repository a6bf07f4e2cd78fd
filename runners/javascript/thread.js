/**
 * What runs in a thread worker: instances of its own, on the memories that all threads share. node_thread.js and browser_thread.js
 * give it their port.
 */

import { Views } from './atomics.js';
import { Failure, report } from './failures.js';
import { importsOf, maker, wants, WASI, withWasi } from './instances.js';
import { spawning } from './wasi_threads.js';

/** A clock that all threads share, in seconds: performance.now alone counts from each worker's own start. */
function now() {
  return (performance.timeOrigin + performance.now()) / 1000;
}

/**
 * @param {Pick<Worker, 'postMessage' | 'onmessage' | 'onmessageerror'>} port
 * @param {(grant: import('./interpreter.js').Grant) => Promise<import('./interpreter.js').Wasi>} wasi
 * @param {(options: object, port: object) => Promise<import('./interpreter.js').Wasi>} [inThread] WASI for a thread of a
 *   program (wasi_threads.js)
 */
export function serve(port, wasi, inThread) {
  let call = null;
  const prepared = (order) => {
    if (order.atomics) return inJavaScript(order);
    return order.program ? join(order, inThread, port) : prepare(order, wasi);
  };
  port.onmessageerror = () => {
    const error = { phase: 'spawn', name: 'DataCloneError', message: 'the worker could not read what it was sent' };
    port.postMessage({ type: 'failed', result: { error } });
  };
  port.onmessage = async ({ data }) => {
    if (data.type === 'start') {
      try {
        call = await prepared(data);
        port.postMessage({ type: 'ready' });
      } catch (thrown) {
        port.postMessage({ type: 'failed', result: report(thrown, 'instantiate') });
      }
    } else {
      const run = call;
      call = null; // an idle worker of the pool keeps nothing alive
      port.postMessage({ type: 'done', ...(await timed(run)) });
    }
  };
}

/** @returns {Promise<() => unknown>} the thread's function, what it needs set up */
async function prepare({ code, registered, memories, field, tid, arg, stackPointer, tls }, wasi) {
  const [libraries, grants] = [[], []];
  const grant = async () => {
    const granted = await wasi({});
    grants.push(granted);
    return granted;
  };
  const instantiate = async (code) => {
    const made = await withWasi(importsOf(libraries, memories), wants(code, WASI), grant, maker(code));
    return made.instance.exports;
  };
  for (const { as, code } of registered) {
    const exports = await instantiate(code);
    exports._initialize?.();
    libraries.push([as, exports]);
  }
  const exports = await instantiate(code);
  const pointer = exports.__stack_pointer;
  if (stackPointer !== undefined && pointer instanceof WebAssembly.Global) pointer.value = stackPointer;
  if (tls !== undefined && exports.__tls_size?.value > 0) exports.__wasm_init_tls(tls);
  exports._initialize?.();
  if (typeof exports[field] !== 'function') {
    throw new Failure('call', 'no-export', `the module does not export the function ${field}`);
  }
  return () => {
    try {
      return exports[field](tid, arg);
    } finally {
      for (const granted of grants) granted.close();
    }
  };
}

/** @returns {() => Promise<object>} a function of `Atomics`, called by JavaScript itself; it gives its entry of `results` */
function inJavaScript({ atomics: { element, ...command }, memory }) {
  const views = new Views();
  views.view('own', element, () => memory);
  return () => views.call({ ...command, view: 'own' });
}

/** @returns {Promise<() => unknown>} the call of a thread of a WASI program */
async function join({ code, memories, program, call: [field, ...given] }, inThread, port) {
  const imports = { wasi: spawning(port) };
  for (const { module, name, memory } of memories) imports[module] = { ...imports[module], [name]: memory };
  const granted = await inThread(program, port);
  imports[WASI] = granted.imports;
  const { exports } = await WebAssembly.instantiate(code, imports);
  granted.bind(memories[0].memory);
  return () => {
    try {
      return exports[field](...given);
    } finally {
      granted.close();
    }
  };
}

async function timed(call) {
  const start = now();
  let result;
  try {
    const given = call();
    result = given instanceof Promise ? await given : { values: values(given) };
  } catch (thrown) {
    result = report(thrown, 'call');
  }
  return { result, start, end: now() };
}

/** The results of a thread's function: i32 comes as a number, i64 as a BigInt. */
function values(given) {
  if (given === undefined) return [];
  if (typeof given === 'bigint') return [{ type: 'i64', value: BigInt.asUintN(64, given).toString() }];
  return [{ type: 'i32', value: String(given >>> 0) }];
}
