import { ITERATIONS, LOCK, TOTAL } from './control';

// The mutex of three states in Ulrich Drepper's "Futexes Are Tricky", section 5.
const FREE: i32 = 0;
const HELD: i32 = 1;
const CONTENDED: i32 = 2;

const ONE: i32 = 1;
const FOREVER: i64 = -1;

function lock(word: usize): void {
  let state = atomic.cmpxchg<i32>(word, FREE, HELD);
  if (state == FREE) return;
  if (state != CONTENDED) state = atomic.xchg<i32>(word, CONTENDED);
  while (state != FREE) {
    atomic.wait<i32>(word, CONTENDED, FOREVER);
    state = atomic.xchg<i32>(word, CONTENDED);
  }
}

function unlock(word: usize): void {
  if (atomic.xchg<i32>(word, FREE) == CONTENDED) atomic.notify(word, ONE);
}

/** Adds 1 to the total `iterations` times, not atomically but under the lock; how many times it did. */
export function exclude(control: usize): i32 {
  const iterations = load<i32>(control, ITERATIONS);
  const word = control + LOCK;
  let made = 0;
  for (; made < iterations; made++) {
    lock(word);
    store<i64>(control, load<i64>(control, TOTAL) + 1, TOTAL);
    unlock(word);
  }
  return made;
}
