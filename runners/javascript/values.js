/**
 * Values of a script ⇄ words, the integers that cross between JavaScript and wasm without losing a bit.
 *
 * A word is a Number (i32, and f32 by its bits) or a BigInt (i64, and f64 by its bits); v128 is two BigInts, low first; a
 * reference is itself.
 *
 * @typedef {{type: string, value: string | string[], lane_type?: string}} Value
 */

import { malformed } from './failures.js';

const NUMERIC = new Set(['i32', 'i64', 'f32', 'f64', 'v128']);

/** @param {string} type */
export function isReference(type) {
  return type.endsWith('ref');
}

/** @param {unknown} type */
export function isType(type) {
  return typeof type === 'string' && (NUMERIC.has(type) || isReference(type));
}

/** The host's references of one script: objects by the numbers that the script knows them by. */
export class References {
  #objects = new Map();
  #numbers = new Map();

  /** @param {Value} value @returns {object | null} */
  take(value) {
    if (value.value === 'null' || value.value === undefined) return null;
    if (!this.#objects.has(value.value)) this.#keep(value.value, { reference: value.value });
    return this.#objects.get(value.value);
  }

  /** @param {unknown} object @returns {string} its number, or 'null' */
  name(object) {
    if (object === null) return 'null';
    if (!this.#numbers.has(object)) {
      let number = this.#numbers.size;
      while (this.#objects.has(String(number))) number += 1;
      this.#keep(String(number), object);
    }
    return this.#numbers.get(object);
  }

  #keep(number, object) {
    this.#objects.set(number, object);
    this.#numbers.set(object, number);
  }
}

/**
 * @param {Value} value
 * @param {References} references
 * @returns {(number | bigint | object | null)[]} its words
 */
export function toWords(value, references) {
  switch (value.type) {
    case 'i32':
    case 'f32':
      return [Number(unsigned(value.value, 32)) | 0];
    case 'i64':
    case 'f64':
      return [unsigned(value.value, 64)];
    case 'v128':
      return halves(value);
    default:
      if (!isReference(value.type)) throw malformed(`no such type: ${value.type}`);
      return [references.take(value)];
  }
}

/**
 * @param {string[]} types
 * @param {Iterable<number | bigint | object | null>} words as many as the types have
 * @param {References} references
 * @returns {Value[]}
 */
export function fromWords(types, words, references) {
  const next = words[Symbol.iterator]();
  const word = () => next.next().value;
  return types.map((type) => {
    switch (type) {
      case 'i32':
      case 'f32':
        return { type, value: String(word() >>> 0) };
      case 'i64':
      case 'f64':
        return { type, value: decimal(word()) };
      case 'v128':
        return { type, lane_type: 'i64', value: [decimal(word()), decimal(word())] };
      default:
        return { type, value: references.name(word()) };
    }
  });
}

const LANE_BITS = { i8: 8, i16: 16, i32: 32, i64: 64, f32: 32, f64: 64 };

/** The low and the high half of a v128, from lanes of any type (each by its bits). */
function halves({ lane_type: lane, value: lanes }) {
  const width = LANE_BITS[lane];
  if (!width || !Array.isArray(lanes) || lanes.length * width !== 128) {
    throw malformed(`a v128 of ${lanes?.length} lanes of ${lane}`);
  }
  const bits = lanes.reduceRight((all, text) => (all << BigInt(width)) | unsigned(text, width), 0n);
  return [BigInt.asUintN(64, bits), bits >> 64n];
}

/** A number of a script: unsigned, decimal, within its bits. */
function unsigned(text, width) {
  if (typeof text === 'string' && /^[0-9]{1,20}$/.test(text)) {
    const number = BigInt(text);
    if (number >> BigInt(width) === 0n) return number;
  }
  throw malformed(`${JSON.stringify(text)} is no unsigned decimal number of ${width} bits`);
}

function decimal(word) {
  return BigInt.asUintN(64, word).toString();
}
