/**
 * What the engines' trap messages mean, in the words of the spec's test suite.
 *
 * One row a message; the first that matches wins. Where an engine says the same for several traps, the row has them all.
 * Sources: V8 `src/common/message-template.h`, SpiderMonkey `js/public/friend/ErrorNumbers.msg`, JavaScriptCore
 * `Source/JavaScriptCore/wasm/WasmExceptionType.h` (which appends " (evaluating '…')").
 */

const MEMORY = 'out of bounds memory access';
const TABLE = 'out of bounds table access';
const UNDEFINED = 'undefined element';
const UNINITIALIZED = 'uninitialized element';
const MISTYPED = 'indirect call type mismatch';
const DIVISION = 'integer divide by zero';
const OVERFLOW = 'integer overflow';
const CONVERSION = 'invalid conversion to integer';
const NULL = 'null reference';

/** @type {[start: string, kinds: string[]][]} */
const MESSAGES = [
  // V8
  ['unreachable', ['unreachable']], // SpiderMonkey: "unreachable executed"
  ['memory access out of bounds', [MEMORY]],
  ['operation does not support unaligned accesses', ['unaligned atomic']],
  ['divide by zero', [DIVISION]],
  ['remainder by zero', [DIVISION]],
  ['divide result unrepresentable', [OVERFLOW]],
  ['float unrepresentable in integer range', [OVERFLOW, CONVERSION]],
  ['table index is out of bounds', [UNDEFINED, TABLE]],
  ['table access out of bounds', [TABLE, UNDEFINED]],
  ['null function or function signature mismatch', [UNINITIALIZED, MISTYPED]],
  ['null function', [UNINITIALIZED]], // newer V8 (seen in 15.6) tells the two apart
  ['function signature mismatch', [MISTYPED, UNINITIALIZED]], // 14.6 says so of a null entry, too
  ['data segment ', [MEMORY]], // "out of bounds", "has been dropped", and at the start "0 is out of bounds (offset …"
  ['element segment out of bounds', [TABLE]],
  ['element segment has been dropped', [TABLE]],
  ['dereferencing a null pointer', [NULL]],
  ['rethrowing null value', [NULL]],
  ['illegal cast', ['cast failure']],
  ['array element access out of bounds', ['out of bounds array access']],
  // V8 says so both where the memory is not shared and where the thread (a page's) may not block.
  ['Atomics.wait cannot be called in this context', ['expected shared memory']],
  // SpiderMonkey
  ['index out of bounds', [MEMORY, TABLE, UNDEFINED]],
  ['table index out of bounds', [UNDEFINED, TABLE]],
  ['unaligned memory access', ['unaligned atomic']],
  ['integer divide by zero', [DIVISION]],
  ['integer overflow', [OVERFLOW]],
  ['invalid conversion to integer', [CONVERSION]],
  ['indirect call to null', [UNINITIALIZED]],
  ['indirect call signature mismatch', [MISTYPED]],
  ['use of dropped data segment', [MEMORY]],
  ['use of dropped element segment', [TABLE]],
  ['dereferencing null pointer', [NULL]],
  ['bad cast', ['cast failure']],
  ['atomic wait on non-shared memory', ['expected shared memory']],
  // JavaScriptCore
  ['Unreachable code should not be executed', ['unreachable']],
  // It says so of a wait on a memory that is not shared, too.
  ['Out of bounds memory access', [MEMORY, 'expected shared memory']],
  ['Unaligned memory access', ['unaligned atomic']],
  ['Out of bounds table access', [TABLE]],
  ['Out of bounds call_indirect', [UNDEFINED]],
  ['call_indirect to a null table entry', [UNINITIALIZED]],
  // Its newer interpreter says so of a null entry, too.
  ['call_indirect to a signature that does not match', [MISTYPED, UNINITIALIZED]],
  ['call_ref to a null reference', [NULL]],
  ['throw_ref on a null reference', [NULL]],
  ['Out of bounds Trunc operation', [OVERFLOW, CONVERSION]],
  ['Division by zero', [DIVISION]],
  ['Integer overflow', [OVERFLOW]],
  ['Stack overflow', ['call stack exhausted']],
  ['ref.cast failed to cast', ['cast failure']],
];

/**
 * @param {string} message of a WebAssembly.RuntimeError
 * @returns {string[]} the kinds that it may stand for; empty when the table does not know it
 */
export function trapKinds(message) {
  const bare = message.replace(/^WebAssembly\.\w+\(\): /, ''); // V8, where it traps while instantiating
  return MESSAGES.find(([start]) => bare.startsWith(start))?.[1] ?? [];
}
