import { ARRIVED, ERRORS, GENERATION, ITERATIONS, SLOTS, WORKERS } from './control';

const ALL: i32 = -1;
const FOREVER: i64 = -1;

/** Returns when all `workers` have called it. The last one to arrive opens the next generation. */
function wait(control: usize, workers: i32): void {
  const generation = atomic.load<i32>(control, GENERATION);
  if (atomic.add<i32>(control, 1, ARRIVED) + 1 == workers) {
    atomic.store<i32>(control, 0, ARRIVED);
    atomic.add<i32>(control, 1, GENERATION);
    atomic.notify(control + GENERATION, ALL);
    return;
  }
  while (atomic.load<i32>(control, GENERATION) == generation) {
    atomic.wait<i32>(control + GENERATION, generation, FOREVER);
  }
}

/** In each round: writes its number to the own slot, meets the others, finds it in every slot. How many rounds it made. */
export function meet(tid: i32, control: usize): i32 {
  const workers = load<i32>(control, WORKERS);
  const rounds = load<i32>(control, ITERATIONS);
  const slots = control + SLOTS;
  let round = 1;
  for (; round <= rounds; round++) {
    store<i32>(slots + 4 * tid, round);
    wait(control, workers);
    for (let other = 0; other < workers; other++) {
      if (load<i32>(slots + 4 * other) != round) atomic.add<i32>(control, 1, ERRORS);
    }
    wait(control, workers);
  }
  return round - 1;
}
