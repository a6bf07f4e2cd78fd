/**
 * Adapters: tiny wasm modules, made by signature, through which JavaScript calls functions and reads globals bit by bit.
 *
 * JavaScript cannot hold a v128, and may change a NaN's payload. An adapter imports the function with its real type and
 * exports one of words (values.js): it reinterprets on the way in and on the way out. Since its import names the exact
 * type, the engine itself refuses a call that the script got wrong. An adapter's instance takes about 10 us.
 *
 * References have no adapter unless a float or a v128 is beside them: a script says `funcref` of every typed function
 * reference, and an import must name the exact type.
 */

import { isReference } from './values.js';

const I32 = 0x7f;
const I64 = 0x7e;

/** Binary codes of value types. */
const TYPES = {
  i32: I32,
  i64: I64,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
};

const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const GLOBAL_GET = 0x23;
const CALL = 0x10;
const END = 0x0b;
const FUNCTION = 0x60;

/** The words of a type, and the instructions between them and it. `get` are instructions that push one value. */
const WORDS = {
  f32: { words: [I32], pack: (get) => [...get(0), 0xbe], unpack: (get) => [...get, 0xbc] },
  f64: { words: [I64], pack: (get) => [...get(0), 0xbf], unpack: (get) => [...get, 0xbd] },
  v128: {
    words: [I64, I64],
    // i64x2.splat, i64x2.replace_lane 1; i64x2.extract_lane 0 and 1
    pack: (get) => [...get(0), 0xfd, 0x12, ...get(1), 0xfd, 0x1e, 1],
    unpack: (get) => [...get, 0xfd, 0x1d, 0, ...get, 0xfd, 0x1d, 1],
  },
};

function wordsOf(type) {
  return WORDS[type] ?? { words: [TYPES[type]], pack: (get) => get(0), unpack: (get) => get };
}

/** @type {Map<string, WebAssembly.Module>} compiled adapters by signature */
const modules = new Map();

/**
 * For hosts that compile nothing while they run: this adapter is compiled already.
 * @param {string} signature @param {WebAssembly.Module} module
 */
export function provide(signature, module) {
  modules.set(signature, module);
}

/** @typedef {{signature: string, build: () => number[]}} Adapter */

/** @param {string[]} params @param {string[]} results types @returns {Adapter[]} what `callable` needs: one or none */
export function adaptersOfCall(params, results) {
  const types = [...params, ...results];
  if (types.some(isReference) && !types.some((type) => type in WORDS)) return [];
  return [{ signature: `${params}>${results}`, build: () => functionAdapter(params, results) }];
}

/** @param {string} type @returns {Adapter[]} what `globalWords` needs: of a constant, of a variable; or none */
export function adaptersOfGlobal(type) {
  if (isReference(type)) return [];
  return [0, 1].map((mutable) => ({ signature: `${type} ${mutable}`, build: () => globalAdapter(type, mutable) }));
}

/**
 * @param {Function} target an exported function
 * @param {string[]} params
 * @param {string[]} results types of values
 * @returns {(...words: unknown[]) => unknown[]} the same function, of words
 * @throws {WebAssembly.LinkError} when that is not its type
 */
export function callable(target, params, results) {
  const [adapter] = adaptersOfCall(params, results);
  if (!adapter) return direct(target, params, results);
  const f = instantiate(adapter, target);
  const count = results.flatMap((type) => wordsOf(type).words).length;
  return LISTED[Math.min(count, 2)](f);
}

/**
 * @param {WebAssembly.Global} global
 * @param {string} type of its value
 * @returns {unknown[]} its value in words
 * @throws {WebAssembly.LinkError} when that is not its type
 */
export function globalWords(global, type) {
  const [constant, variable] = adaptersOfGlobal(type);
  if (!constant) return [global.value];
  const count = wordsOf(type).words.length;
  let f;
  try {
    f = instantiate(constant, global);
  } catch {
    f = instantiate(variable, global); // JavaScript cannot ask a global whether it is mutable, and an import must say so
  }
  return LISTED[Math.min(count, 2)](f)();
}

/** How what a function gave becomes a list, by how many results it has: none, one, more. */
const LISTED = [
  (f) =>
    (...words) => {
      f(...words);
      return [];
    },
  (f) =>
    (...words) => [f(...words)],
  (f) =>
    (...words) => [...f(...words)],
];

/** Without an adapter, JavaScript is lenient about types: what can be seen of a mistake is refused here. */
function direct(target, params, results) {
  if (target.length !== params.length) {
    throw new WebAssembly.LinkError(`the function takes ${target.length} arguments, not ${params.length}`);
  }
  const f = LISTED[Math.min(results.length, 2)](target);
  return (...words) => {
    const given = f(...words);
    if (given.length !== results.length) {
      throw new WebAssembly.LinkError(`the function gives ${given.length} results, not ${results.length}`);
    }
    return given;
  };
}

function instantiate({ signature, build }, target) {
  let module = modules.get(signature);
  if (!module) {
    module = new WebAssembly.Module(Uint8Array.from(build()));
    modules.set(signature, module);
  }
  return new WebAssembly.Instance(module, { '': { '': target } }).exports.f;
}

function functionAdapter(params, results) {
  const given = params.flatMap((type) => wordsOf(type).words);
  let local = 0;
  const pack = params.flatMap((type) => {
    const { words, pack } = wordsOf(type);
    const first = local;
    local += words.length;
    return pack((nth) => [LOCAL_GET, ...leb(first + nth)]);
  });
  const keep = results.map((_, nth) => [LOCAL_SET, ...leb(given.length + nth)]).reverse();
  const unpack = results.flatMap((type, nth) => wordsOf(type).unpack([LOCAL_GET, ...leb(given.length + nth)]));
  const locals = vector(results.map((type) => [1, TYPES[type]]));
  return binary({
    types: [functionType(params.map(code), results.map(code)), wordType(given, results)],
    imported: [0x00, 0],
    type: 1,
    index: 1,
    body: [...locals, ...pack, CALL, 0, ...keep.flat(), ...unpack, END],
  });
}

function globalAdapter(type, mutable) {
  return binary({
    types: [wordType([], [type])],
    imported: [0x03, TYPES[type], mutable],
    type: 0,
    index: 0,
    body: [0, ...wordsOf(type).unpack([GLOBAL_GET, 0]), END],
  });
}

/** A module that imports one thing under two empty names and exports one function, `f`. */
function binary({ types, imported, type, index, body }) {
  const section = (id, content) => [id, ...sized(content)];
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([[0, 0, ...imported]])),
    ...section(3, vector([[type]])),
    ...section(7, vector([[1, 0x66, 0x00, index]])),
    ...section(10, vector([sized(body)])),
  ];
}

function code(type) {
  return TYPES[type];
}

function wordType(given, results) {
  return functionType(
    given,
    results.flatMap((type) => wordsOf(type).words),
  );
}

function functionType(params, results) {
  return [FUNCTION, ...vector(params.map((byte) => [byte])), ...vector(results.map((byte) => [byte]))];
}

function vector(items) {
  return [...leb(items.length), ...items.flat()];
}

function sized(bytes) {
  return [...leb(bytes.length), ...bytes];
}

/** An unsigned integer in LEB128. */
function leb(number) {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...leb(number >>> 7)];
}
