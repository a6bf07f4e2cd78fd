import { Word } from './word';

const SLOTS: usize = 64;
const SHARED: usize = 128;

/** The control block. What no field is for stands behind it: the workers' slots, and what the program shares. */
@unmanaged
export class Control {
  job: i32;
  workers: i32;
  iterations: i32;
  data: usize;
  length: i32;
  private counterWord: i32;
  private ofOtherJobs1: i32;
  private ofOtherJobs2: i32;
  private ofOtherJobs3: i32;
  private errors: i32;
  /** Plain under a lock, atomic without. */
  total: i64;
  limit: i32;
  out: usize;
  check: i32;

  get counter(): Word {
    return Word.at(changetype<usize>(this) + offsetof<Control>('counterWord'));
  }

  /** What the workers share in a program, of a class that it chooses itself; zeros at first. */
  @inline
  shared<T>(): T {
    return changetype<T>(changetype<usize>(this) + SHARED);
  }

  /** A word of worker `tid`'s own, on which it may nap. */
  slot(tid: i32): Word {
    return Word.at(changetype<usize>(this) + SLOTS + 4 * tid);
  }

  /** The first half of the workers produce or write, the second half consume or read. */
  isFirstHalf(tid: i32): bool {
    return tid < this.workers / 2;
  }

  /** Where worker `tid`'s part of the length begins. */
  border(tid: i32): i32 {
    return <i32>((<i64>this.length * tid) / this.workers);
  }

  /** Counts an error unless `right`. */
  demand(right: bool): void {
    if (!right) atomic.add<i32>(changetype<usize>(this), 1, offsetof<Control>('errors'));
  }

  addToTotal(value: i64): void {
    atomic.add<i64>(changetype<usize>(this), value, offsetof<Control>('total'));
  }

  addToCheck(value: i32): void {
    atomic.xor<i32>(changetype<usize>(this), value, offsetof<Control>('check'));
  }
}

/** Another number for each, 0 for 0 (Knuth's multiplicative hash). */
export function mix(value: i32): i32 {
  return value * 0x9e3779b1;
}
