import { SORT } from "util/sort";

// The default comparator of Array<i32>#sort subtracts, which overflows where two values are 2³¹ or more apart.

/** Sorts `n` i32 in place, ascending. */
export function sortI32(values: usize, n: i32): void {
  SORT<i32>(values, n, (a, b) => i32(a > b) - i32(a < b));
}

/** Sorts `n` i64 in place, ascending. */
export function sortI64(values: usize, n: i32): void {
  SORT<i64>(values, n, (a, b) => i32(a > b) - i32(a < b));
}
