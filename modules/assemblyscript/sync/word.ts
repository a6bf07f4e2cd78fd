const FOREVER: i64 = -1;
const ALL: i32 = -1;

/** An i32 that threads share. All of its operations are atomic. */
@unmanaged
export class Word {
  private value: i32;

  /** The one at this address. */
  @inline
  static at(address: usize): Word {
    return changetype<Word>(address);
  }

  @inline
  private get address(): usize {
    return changetype<usize>(this);
  }

  @inline
  load(): i32 {
    return atomic.load<i32>(this.address);
  }

  @inline
  store(value: i32): void {
    atomic.store<i32>(this.address, value);
  }

  /** Adds to it; what it was. */
  @inline
  add(value: i32): i32 {
    return atomic.add<i32>(this.address, value);
  }

  /** What it was. */
  @inline
  exchange(value: i32): i32 {
    return atomic.xchg<i32>(this.address, value);
  }

  /** Makes `replacement` of `expected`; whether it was that. */
  @inline
  replace(expected: i32, replacement: i32): bool {
    return atomic.cmpxchg<i32>(this.address, expected, replacement) == expected;
  }

  /** Sleeps while it is `value`, until somebody wakes it. */
  sleepWhile(value: i32): void {
    atomic.wait<i32>(this.address, value, FOREVER);
  }

  /** Sleeps until it is `value` or more. */
  sleepUntil(value: i32): void {
    for (let seen = this.load(); seen < value; seen = this.load()) this.sleepWhile(seen);
  }

  /** Sleeps for so many ns, on a word that is 0 and that nobody wakes. */
  nap(nanoseconds: i64): void {
    atomic.wait<i32>(this.address, 0, nanoseconds);
  }

  @inline
  wakeOne(): void {
    atomic.notify(this.address, 1);
  }

  @inline
  wakeAll(): void {
    atomic.notify(this.address, ALL);
  }
}
