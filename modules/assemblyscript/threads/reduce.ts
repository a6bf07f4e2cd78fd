import { DATA, ITERATIONS, LENGTH, TOTAL, WORKERS } from './control';

/** Sums the own share of the data, `value ^ pass` for each pass, and adds it to the total. */
export function reduce(tid: i32, control: usize): i32 {
  const workers: i64 = load<i32>(control, WORKERS);
  const passes = load<i32>(control, ITERATIONS);
  const length: i64 = load<i32>(control, LENGTH);
  const data: usize = load<u32>(control, DATA);
  const start = data + 4 * <usize>((length * tid) / workers);
  const end = data + 4 * <usize>((length * (tid + 1)) / workers);
  let sum: i64 = 0;
  for (let pass = 0; pass < passes; pass++) {
    for (let at = start; at < end; at += 4) sum += <i64>(load<i32>(at) ^ pass);
  }
  atomic.add<i64>(control, sum, TOTAL);
  return 0;
}
