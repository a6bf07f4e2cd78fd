import { COUNTER, ITERATIONS } from './control';

/** Increments the counter `iterations` times, atomically; how many times it did. */
export function count(control: usize): i32 {
  const iterations = load<i32>(control, ITERATIONS);
  let made = 0;
  for (; made < iterations; made++) atomic.add<i32>(control, 1, COUNTER);
  return made;
}
