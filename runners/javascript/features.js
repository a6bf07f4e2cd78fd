/** Which features the engine has: each is asked by a small module that only an engine with it validates. */

import { decode } from './base64.js';

/**
 * @param {Record<string, string>} probes the content of ../features.json: base64 of a module by feature
 * @returns {string[]} the names of the features whose module is valid here
 */
export function supported(probes) {
  return Object.keys(probes).filter((name) => WebAssembly.validate(decode(probes[name])));
}
