/** Features of JavaScript's own API, which no module can ask: each is tried here, and has to give 42. */

import { decode } from './base64.js';

/** (module (func (export "probe") (param i64) (result i64) (local.get 0))) */
const IDENTITY = 'AGFzbQEAAAABBgFgAX4BfgMCAQAHCQEFcHJvYmUAAAoGAQQAIAAL';

/** (module (import "" "f" (func $f (result i32))) (func (export "probe") (result i32) (call $f))) */
const CALLER = 'AGFzbQEAAAABBQFgAAF/AgYBAAFmAAADAgEABwkBBXByb2JlAAEKBgEEABAACwALBG5hbWUBBAEAAWY=';

const PAGE = 65536;
/** In ms: what has not answered by then never will. */
const PATIENCE = 2000;

const TRIES = {
  'js-bigint': () => Number(instance(IDENTITY).probe(42n)),

  async jspi() {
    const later = new WebAssembly.Suspending(() => Promise.resolve(42));
    return WebAssembly.promising(instance(CALLER, { '': { f: later } }).probe)();
  },

  'js-atomics'() {
    const view = sharedView();
    Atomics.store(view, 0, 40);
    return Atomics.add(view, 0, 2) + Atomics.notify(view, 0) + Atomics.load(view, 0) - 40;
  },

  async 'js-wait-async'() {
    const view = sharedView();
    const { async, value } = Atomics.waitAsync(view, 0, 0);
    return async && Atomics.notify(view, 0) === 1 && (await value) === 'ok' && 42;
  },

  'type-reflection'() {
    const { value, mutable } = new WebAssembly.Global({ value: 'i32', mutable: true }, 0).type();
    const next = new WebAssembly.Function({ parameters: ['i32'], results: ['i32'] }, (number) => number + 1);
    return value === 'i32' && mutable && next(41);
  },

  async 'esm-integration'() {
    const { probe } = await import(`data:application/wasm;base64,${IDENTITY}`);
    return Number(probe(42n));
  },

  'resizable-buffers'() {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    const buffer = memory.toResizableBuffer();
    memory.grow(1);
    return buffer.resizable && buffer.byteLength / PAGE + 40;
  },
};

/** What the tries compile, in base64. */
export const MODULES = [IDENTITY, CALLER];

let compile = (module) => new WebAssembly.Module(decode(module));

/** What is tried. */
export const NAMES = Object.keys(TRIES);

/**
 * @param {string[]} [names] of NAMES
 * @param {(module: string) => WebAssembly.Module} [compiled] for hosts that compile nothing while they run: of MODULES
 * @returns {Promise<Record<string, {state: string, message?: string}>>} `findings` of a hello (../PROTOCOL.md)
 */
export async function apiFindings(names = NAMES, compiled = compile) {
  compile = compiled;
  const found = await Promise.all(names.map((name) => attempt(TRIES[name])));
  return Object.fromEntries(names.map((name, nth) => [name, found[nth]]));
}

function sharedView() {
  return new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
}

async function attempt(give) {
  let timer;
  const never = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    const given = await Promise.race([give(), never]);
    return given === 42 ? { state: 'executed' } : { state: 'instantiated', message: `gives ${given}, not 42` };
  } catch (thrown) {
    return { state: 'refused', message: String(thrown?.message ?? thrown) };
  } finally {
    clearTimeout(timer);
  }
}

function instance(module, imports) {
  return new WebAssembly.Instance(compile(module), imports).exports;
}
