import { SORT } from 'util/sort';

// The standard library's own comparator for i32 subtracts, which overflows where two values are 2³¹ or more apart:
// in AssemblyScript 0.28.20, [i32.MAX_VALUE, i32.MIN_VALUE, 0].sort() begins with i32.MAX_VALUE.

/** Sorts `n` i32 in place, ascending. */
export function sortI32(values: usize, n: i32): void {
  SORT<i32>(values, n, (a, b) => i32(a > b) - i32(a < b));
}

/** Sorts `n` i64 in place, ascending. */
export function sortI64(values: usize, n: i32): void {
  SORT<i64>(values, n, (a, b) => i32(a > b) - i32(a < b));
}
