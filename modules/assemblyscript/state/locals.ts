// Variables of a thread's own: globals, of which each instance has its own. What stands in the memory, all threads share.

import { ITERATIONS, checked, demand, meet } from './control';

const FRESH: i32 = 0x5eed;

let own: i32 = FRESH;
let zero: i32 = 0;
const shared = memory.data<i32>([0x5eed, 0]);

function set(value: i32): void {
  if (NAIVE) {
    store<i32>(shared, value);
    store<i32>(shared, ~value, 4);
  } else {
    own = value;
    zero = ~value;
  }
}

function are(first: i32, second: i32): bool {
  if (NAIVE) return load<i32>(shared) == first && load<i32>(shared, 4) == second;
  return own == first && zero == second;
}

/** They are as they begin, and keep in each round what this worker alone writes. How many rounds. */
export function locals(tid: i32, control: usize): i32 {
  demand(control, are(FRESH, 0));
  meet(control);
  const rounds = load<i32>(control, ITERATIONS);
  for (let round = 0; round < rounds; round++) {
    const value = (tid << 16) | round;
    set(value);
    meet(control);
    demand(control, are(value, ~value));
    checked(control);
    meet(control);
  }
  return rounds;
}
