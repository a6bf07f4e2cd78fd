// What the programs synchronise with. Each lies where the host has left zeros, and is ready then; SIZE_OF_… says how many
// bytes it takes.

import { Word } from './word';

export const SIZE_OF_MUTEX: i32 = 4;
export const SIZE_OF_CONDITION: i32 = 4;
export const SIZE_OF_SEMAPHORE: i32 = 8;
export const SIZE_OF_RW_LOCK: i32 = 8;
export const SIZE_OF_ONCE: i32 = 4;

/** A barrier that may be used again and again: the generation tells one use from the next. */
@unmanaged
export class Barrier {
  private get arrived(): Word {
    return Word.at(changetype<usize>(this));
  }
  private get generation(): Word {
    return Word.at(changetype<usize>(this) + 4);
  }

  /** Returns when all `workers` have come here. */
  meet(workers: i32): void {
    const generation = this.generation.load();
    if (this.arrived.add(1) + 1 == workers) {
      this.arrived.store(0);
      this.generation.store(generation + 1);
      this.generation.wakeAll();
    } else {
      this.generation.sleepUntil(generation + 1);
    }
  }
}

const FREE: i32 = 0;
const HELD: i32 = 1;
const CONTENDED: i32 = 2;

/** The third mutex of Ulrich Drepper's "Futexes Are Tricky". */
@unmanaged
export class Mutex {
  private get state(): Word {
    return Word.at(changetype<usize>(this));
  }

  lock(): void {
    if (this.state.replace(FREE, HELD)) return;
    while (this.state.exchange(CONTENDED) != FREE) this.state.sleepWhile(CONTENDED);
  }

  unlock(): void {
    if (this.state.exchange(FREE) == CONTENDED) this.state.wakeOne();
  }
}

/** A condition variable. Its word counts the signals, so that none is missed on the way to sleep. */
@unmanaged
export class Condition {
  private get signals(): Word {
    return Word.at(changetype<usize>(this));
  }

  /** Gives the mutex back, sleeps until it is signalled (or for no reason), and takes the mutex again. */
  wait(mutex: Mutex): void {
    const seen = this.signals.load();
    mutex.unlock();
    this.signals.sleepWhile(seen);
    mutex.lock();
  }

  signal(): void {
    this.signals.add(1);
    this.signals.wakeOne();
  }
}

/** A counting semaphore: how many permits are taken, and how many wait for one. */
@unmanaged
export class Semaphore {
  private get taken(): Word {
    return Word.at(changetype<usize>(this));
  }
  private get waiting(): Word {
    return Word.at(changetype<usize>(this) + 4);
  }

  /** Takes one of `permits`. */
  acquire(permits: i32): void {
    while (true) {
      const taken = this.taken.load();
      if (taken < permits) {
        if (this.taken.replace(taken, taken + 1)) return;
      } else {
        this.waiting.add(1);
        this.taken.sleepWhile(taken);
        this.waiting.add(-1);
      }
    }
  }

  release(): void {
    this.taken.add(-1);
    if (this.waiting.load() > 0) this.taken.wakeOne();
  }
}

const WRITTEN: i32 = -1;

/** A lock that readers share: how many they are, or WRITTEN; and how often it has become free, on which one sleeps. */
@unmanaged
export class RwLock {
  private get holders(): Word {
    return Word.at(changetype<usize>(this));
  }
  private get freed(): Word {
    return Word.at(changetype<usize>(this) + 4);
  }

  read(): void {
    while (true) {
      const freed = this.freed.load();
      const holders = this.holders.load();
      if (holders == WRITTEN) this.freed.sleepWhile(freed);
      else if (this.holders.replace(holders, holders + 1)) return;
    }
  }

  endRead(): void {
    if (this.holders.add(-1) == 1) this.free();
  }

  write(): void {
    while (true) {
      const freed = this.freed.load();
      if (this.holders.replace(FREE, WRITTEN)) return;
      this.freed.sleepWhile(freed);
    }
  }

  endWrite(): void {
    this.holders.store(FREE);
    this.free();
  }

  private free(): void {
    this.freed.add(1);
    this.freed.wakeAll();
  }
}

const NEW: i32 = 0;
const BEGUN: i32 = 1;
const DONE: i32 = 2;

/** What is done once. */
@unmanaged
export class Once {
  private get state(): Word {
    return Word.at(changetype<usize>(this));
  }

  /** True for whoever must do it, and `end` it; the others come back when it is done. */
  begin(): bool {
    if (this.state.replace(NEW, BEGUN)) return true;
    this.state.sleepUntil(DONE);
    return false;
  }

  end(): void {
    this.state.store(DONE);
    this.state.wakeAll();
  }
}

const PATIENCE: i32 = 1024; // looks
const NAP: i64 = 20000; // ns

/** A lock for which one looks again and again, each time twice as often before one tries, and naps in the end. */
@unmanaged
export class SpinLock {
  private get held(): Word {
    return Word.at(changetype<usize>(this));
  }

  /** Takes the lock; `own` is a word to nap on. */
  lock(own: Word): void {
    for (let looks = 1; this.held.exchange(1); looks *= 2) {
      if (looks > PATIENCE) {
        own.nap(NAP);
        looks = PATIENCE;
      }
      for (let look = 0; look < looks && this.held.load(); look++);
    }
  }

  unlock(): void {
    this.held.store(0);
  }
}
