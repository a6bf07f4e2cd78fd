/** Base64 by what the engine has: Buffer (node, deno, bun), Uint8Array's own (2025's browsers), or atob and btoa. */

import { malformed } from './failures.js';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** @param {string} text @returns {Uint8Array} @throws Failure('script', …) */
export function decode(text) {
  if (typeof text !== 'string' || text.length % 4 || !BASE64.test(text)) throw malformed('not base64');
  if (globalThis.Buffer) return globalThis.Buffer.from(text, 'base64');
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** btoa wants a string: its making is limited by how many arguments a call may have. */
const CHUNK = 0x2000;

/** @param {Uint8Array} bytes @returns {string} */
export function encode(bytes) {
  if (globalThis.Buffer)
    return globalThis.Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  if (bytes.toBase64) return bytes.toBase64();
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}
