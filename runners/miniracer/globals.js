/**
 * What pages and node have and a bare V8 has not, as far as the interpreter and its WASI ask for it. It is imported before
 * all else.
 *
 * The clock has no more than V8 gives to a script: whole milliseconds.
 */

const POOL = 1 << 16;

/** Random bytes that the host has put here; `left` of them are not yet given away. */
export const entropy = { bytes: new Uint8Array(POOL), left: 0 };

globalThis.performance = { timeOrigin: Date.now(), now: () => Date.now() - globalThis.performance.timeOrigin };

globalThis.crypto = {
  getRandomValues(array) {
    const wanted = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    if (wanted.length > entropy.left) throw new RangeError(`no more than ${POOL} random bytes in a script`);
    entropy.left -= wanted.length;
    wanted.set(entropy.bytes.subarray(entropy.left, entropy.left + wanted.length));
    return array;
  },
};

/** UTF-8 by what V8 has: percent-encoding. */
globalThis.TextEncoder = class {
  encode(text = '') {
    const escaped = encodeURIComponent(text.toWellFormed());
    return Uint8Array.from(unescape(escaped), (character) => character.charCodeAt(0));
  }
};

globalThis.TextDecoder = class {
  decode(bytes = new Uint8Array()) {
    let text = '';
    for (const byte of bytes) text += `%${byte.toString(16).padStart(2, '0')}`;
    try {
      return decodeURIComponent(text);
    } catch {
      return unescape(text); // it is for messages: what is no UTF-8 is shown as it is
    }
  }
};
