/** Compiled modules by the hash of their bytes: the cells of a matrix ask for the same few again and again. */

/** Enough for all the modules of a session; the spec's suites, with their thousands, go through. */
const KEPT = 64;

/** What a module may import from the engine itself; an engine that has no such thing does not look here. */
export const OPTIONS = { builtins: ['js-string'] };

export class Codes {
  #host;
  /** @type {Map<string, WebAssembly.Module>} the least recently used first */
  #kept = new Map();

  /** @param {import('./interpreter.js').Host} host */
  constructor(host) {
    this.#host = host;
  }

  /**
   * @param {import('./interpreter.js').Ref} ref
   * @returns {Promise<WebAssembly.Module>}
   * @throws {WebAssembly.CompileError} or Failure('fetch', …)
   */
  async get(ref) {
    let code = this.#kept.get(ref.sha256);
    if (code) this.#kept.delete(ref.sha256);
    else if (this.#host.compile) code = await this.#host.compile(ref);
    else code = await WebAssembly.compile(await this.#host.load(ref), OPTIONS);
    this.#kept.set(ref.sha256, code);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    return code;
  }
}
