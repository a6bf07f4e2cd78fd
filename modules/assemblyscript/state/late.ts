// What all instances share: the module's own data, which an instance that comes late must leave as they are.

import { GO, ITERATIONS } from './control';

const WORDS: i32 = 16;
const FRESH: i32 = 0x1000;
const CHANGED: i32 = 0x5eed;

const set = memory.data<i32>([
  0x1000, 0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x1007, 0x1008, 0x1009, 0x100a, 0x100b, 0x100c, 0x100d,
  0x100e, 0x100f,
]);
const zero = memory.data(4 * WORDS);

/** How many words stand at `by` past what they began with. */
function count(by: i32): i32 {
  let right = 0;
  for (let at = 0; at < WORDS; at++) {
    right += <i32>(atomic.load<i32>(set + 4 * at) == FRESH + at + by);
    right += <i32>(atomic.load<i32>(zero + 4 * at) == by);
  }
  return right;
}

/**
 * Phase 1: how many words are as they began, before it changes them all. 2: how many are changed. 3: how many are so at the
 * least, for as long as the host does not say `go`.
 */
export function late(control: usize): i32 {
  const phase = load<i32>(control, ITERATIONS);
  if (phase == 1) {
    const fresh = count(0);
    for (let at = 0; at < WORDS; at++) {
      atomic.add<i32>(set + 4 * at, CHANGED);
      atomic.add<i32>(zero + 4 * at, CHANGED);
    }
    return fresh;
  }
  let least = count(CHANGED);
  if (phase == 2) return least;
  while (!atomic.load<i32>(control, GO)) least = min(least, count(CHANGED));
  return min(least, count(CHANGED));
}
