/** Throws, which nothing in AssemblyScript can catch: built with `--use abort=`, it traps as unreachable. */
export function failPanic(): void {
  throw new Error('fail_panic was called');
}

/** 2x + 1: the answer asked of a new instance once another has failed. */
export function after(x: i32): i32 {
  return x * 2 + 1;
}
