/**
 * The script interpreter for every JavaScript engine: node, deno, bun, mini-racer, browsers. It runs the scripts of
 * ../PROTOCOL.md and reports what it saw. It knows no host: what differs between hosts is the `Host` below, and nothing else.
 *
 *     const interpreter = new Interpreter(host);
 *     const results = await interpreter.run(script);   // one entry a command, as PROTOCOL.md says; never rejects
 *
 * THE SEAM. That of node, deno and bun is node_host.js, the browsers' browser_host.js, workerd's
 * ../workerd/script_worker.js, mini-racer's ../miniracer/host.js.
 *
 * @typedef {{sha256: string, path?: string, url?: string} | {base64: string}} Ref
 *   Data of a script. node reads `path`; a browser fetches `url` (relative to the script's origin; its runner puts `url`
 *   where the script had `path`).
 *
 * @typedef {object} Host
 * @property {(ref: Ref) => Promise<Uint8Array>} load
 *   The bytes of a file, its hash checked. Throws Failure('fetch', …).
 * @property {(ref: Ref) => Promise<WebAssembly.Module>} [compile]
 *   The compiled module of a file, where the host compiles nothing while it runs (workerd). Throws as compiling does, or
 *   Failure('fetch', …). Without it, what `load` gives is compiled.
 * @property {(ref: Ref, via: string, imports: WebAssembly.Imports) =>
 *   Promise<WebAssembly.WebAssemblyInstantiatedSource>} [stream]
 *   `instantiateStreaming`, where the host has it; `via` is 'streaming' or 'streaming-wrong-mime'. Without it, `via` has
 *   no effect.
 * @property {() => Worker} worker
 *   A new thread worker that runs thread.js: postMessage, onmessage, onerror, onmessageerror, terminate.
 * @property {(asked: {running: number, more: number, memory: number}) => boolean} [room]
 *   Whether so many more thread workers, beside those that run, fit into that memory (bytes). Without it, they do.
 * @property {(grant: Grant) => Promise<Wasi>} wasi
 *   The functions of WASI preview 1 for one instance with that grant.
 * @property {(module: WebAssembly.Module, imports: WebAssembly.Imports, grant: Grant) => Promise<CommandOutcome>} [command]
 *   Runs a WASI command to its end. Absent where the host has no WASI of its own (browsers).
 * @property {(grant: Grant) => Promise<import('./wasi_threads.js').Surroundings>} surroundings
 *   What the threads of a WASI program share. Throws Failure('spawn', …) where there are no workers, as `worker` does.
 * @property {(program: Program) => Promise<ProgramOutcome>} [program]
 *   Runs a program with JavaScript of its own to its end. Throws Failure('program', …). Absent where a host has neither node's
 *   interfaces nor a page.
 *
 * @typedef {{main: string, files: Record<string, Ref>, args: string[], place?: 'worker', url?: string}} Program
 *   In a browser `url` is the folder of the files.
 * @typedef {{exit: number, on: 'page' | 'process', stdout: Uint8Array, stderr: Uint8Array, seconds: number}} ProgramOutcome
 *
 * @typedef {object} Grant What a module may have of the outside, as PROTOCOL.md says; an empty object grants nothing.
 * @property {string[]} [args]
 * @property {Record<string, string>} [env]
 * @property {Ref} [stdin]
 * @property {{guest: string, entries: object[]}[]} [preopens]
 * @property {string[]} [collect]
 *
 * @typedef {object} Wasi
 * @property {WebAssembly.ModuleImports} imports of `wasi_snapshot_preview1`; `proc_exit` throws Exit (failures.js).
 * @property {(memory: WebAssembly.Memory) => void} bind gives it the memory of its instance, before the first call.
 * @property {() => void} close frees what the grant took (folders, descriptors).
 *
 * @typedef {{exit?: number, stdout: Uint8Array, stderr: Uint8Array, files: Record<string, Uint8Array | null>,
 *   seconds: number, ended?: unknown}} CommandOutcome
 *   `exit` is the code; `ended` is what was thrown when there is none.
 */

import { Codes } from './codes.js';
import { malformed, report } from './failures.js';
import { Script } from './script.js';
import { Pool } from './team.js';

/** For these, that a module was refused is the answer, not the end of the script. */
const ASK_FOR_AN_ERROR = new Set(['assert_invalid', 'assert_malformed', 'assert_unlinkable', 'assert_uninstantiable']);

export class Interpreter {
  #host;
  #codes;
  #pool;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
    this.#codes = new Codes(host);
    this.#pool = new Pool(host);
  }

  /**
   * @param {object[]} script commands
   * @param {number} [memory] in bytes: what the runner may have
   * @returns {Promise<object[]>} what came of each, up to the first that could not be done
   */
  async run(script, memory) {
    if (!Array.isArray(script)) return [report(malformed('a script is a list of commands'), 'script')];
    const running = new Script(this.#host, this.#codes, this.#pool, memory);
    const results = [];
    try {
      for (const command of script) {
        const result = await running.step(command);
        results.push(result);
        if (result.error && !ASK_FOR_AN_ERROR.has(command.type)) break;
      }
    } finally {
      running.close();
    }
    return results;
  }

  /** @param {{id: number, script: object[], memory?: number}} message a `run` @returns {Promise<object>} its `observation` */
  async observe({ id, script, memory }) {
    const start = performance.now();
    const results = await this.run(script, memory);
    return { type: 'observation', id, results, seconds: (performance.now() - start) / 1000 };
  }
}
