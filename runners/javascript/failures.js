/** What can go wrong, as results of PROTOCOL.md. */

import { trapKinds } from './traps.js';

/** It could not be done. `phase` and `code` become `error.phase` and `error.name`. */
export class Failure extends Error {
  /** @param {string} phase @param {string} code @param {string} message */
  constructor(phase, code, message) {
    super(message);
    this.phase = phase;
    this.code = code;
  }
}

/** A command that makes no sense. @param {string} message */
export function malformed(message) {
  return new Failure('script', 'malformed', message);
}

/** The module called WASI's `proc_exit`: thrown through its frames to end it. */
export class Exit {
  /** @param {number} code */
  constructor(code) {
    this.code = code;
  }
}

/** A compiled module cannot say "link" itself: engines throw LinkError, or TypeError where a whole import is missing. */
const LINK_ERRORS = [WebAssembly.LinkError, TypeError];

const STACK_EXHAUSTED = /^(Maximum call stack size exceeded|too much recursion|Stack overflow)/;

/**
 * What was thrown, as a result.
 * @param {unknown} thrown
 * @param {string} phase what was being done: the phase of an error that does not know its own
 * @returns {object} `{trap}`, `{exception}`, `{exit}` or `{error}`
 */
export function report(thrown, phase) {
  if (thrown instanceof Exit) return { exit: thrown.code };
  if (thrown instanceof Failure) return failed(thrown.phase, thrown.code, thrown.message);
  if (thrown instanceof WebAssembly.RuntimeError) {
    return { trap: { kinds: trapKinds(thrown.message), message: thrown.message } };
  }
  if (WebAssembly.Exception && thrown instanceof WebAssembly.Exception) {
    return { exception: { message: thrown.message ?? 'an exception of the module that nobody caught' } };
  }
  if (!(thrown instanceof Error) && !(thrown?.name && thrown?.message)) {
    return failed(phase, typeof thrown, String(thrown));
  }
  // V8 and JavaScriptCore: RangeError; SpiderMonkey: InternalError.
  if (STACK_EXHAUSTED.test(thrown.message)) {
    return { trap: { kinds: ['call stack exhausted'], message: `${thrown.name}: ${thrown.message}` } };
  }
  if (thrown instanceof WebAssembly.CompileError) return failed('compile', thrown.name, thrown.message);
  if (phase === 'instantiate' && LINK_ERRORS.some((kind) => thrown instanceof kind)) {
    return failed('link', thrown.name, thrown.message);
  }
  return failed(phase, thrown.name, thrown.message);
}

function failed(phase, name, message) {
  return { error: { phase, name, message } };
}
