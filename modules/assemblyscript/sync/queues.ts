// Bounded queues, and the deque of work stealing. All are empty when all is zero.

import { Condition, Mutex, SIZE_OF_CONDITION, SIZE_OF_MUTEX } from './locks';
import { Word } from './word';

const PLACES: i32 = 64;
export const SIZE_OF_SPSC: i32 = 8 + 4 * PLACES;

/** A box for one value, handed over by two condition variables. */
@unmanaged
export class Mailbox {
  private get mutex(): Mutex {
    return changetype<Mutex>(changetype<usize>(this) + offsetof<Mailbox>());
  }
  private get filled(): Condition {
    return changetype<Condition>(changetype<usize>(this) + offsetof<Mailbox>() + SIZE_OF_MUTEX);
  }
  private get emptied(): Condition {
    return changetype<Condition>(changetype<usize>(this) + offsetof<Mailbox>() + SIZE_OF_MUTEX + SIZE_OF_CONDITION);
  }
  private full: bool;
  private value: i32;

  /** Lays the value into the box once it is empty. */
  put(value: i32, _limit: i32): void {
    this.mutex.lock();
    while (this.full) this.emptied.wait(this.mutex);
    this.full = true;
    this.value = value;
    this.filled.signal();
    this.mutex.unlock();
  }

  /** Takes the value out of the box once there is one. */
  take(_limit: i32): i32 {
    this.mutex.lock();
    while (!this.full) this.filled.wait(this.mutex);
    this.full = false;
    const value = this.value;
    this.emptied.signal();
    this.mutex.unlock();
    return value;
  }
}

/** For one producer and one consumer: how many values went in, how many came out. */
@unmanaged
export class Spsc {
  private get ins(): Word {
    return Word.at(changetype<usize>(this));
  }
  private get outs(): Word {
    return Word.at(changetype<usize>(this) + 4);
  }
  private place(number: i32): usize {
    return changetype<usize>(this) + 8 + 4 * number;
  }

  /** Puts the value in once one of `limit` places is free. */
  put(value: i32, limit: i32): void {
    const number = this.ins.load();
    this.outs.sleepUntil(number - limit + 1);
    store<i32>(this.place(number % limit), value);
    this.ins.store(number + 1);
    this.ins.wakeOne();
  }

  /** Takes the oldest value once there is one. */
  take(limit: i32): i32 {
    const number = this.outs.load();
    this.ins.sleepUntil(number + 1);
    const value = load<i32>(this.place(number % limit));
    this.outs.store(number + 1);
    this.outs.wakeOne();
    return value;
  }
}

/**
 * For many of each, after Dmitry Vyukov's: who puts or takes draws a number, which says the place and whose turn it is there.
 * In round r of a place turn 2r is to put, turn 2r + 1 to take.
 */
@unmanaged
export class Mpmc {
  private get puts(): Word {
    return Word.at(changetype<usize>(this));
  }
  private get takes(): Word {
    return Word.at(changetype<usize>(this) + 4);
  }
  private place(number: i32): usize {
    return changetype<usize>(this) + 8 + 8 * number;
  }

  put(value: i32, limit: i32): void {
    const number = this.puts.add(1);
    const place = this.place(number % limit);
    const turn = Word.at(place);
    turn.sleepUntil((number / limit) * 2);
    store<i32>(place, value, 4);
    turn.add(1);
    turn.wakeAll();
  }

  take(limit: i32): i32 {
    const number = this.takes.add(1);
    const place = this.place(number % limit);
    const turn = Word.at(place);
    turn.sleepUntil((number / limit) * 2 + 1);
    const value = load<i32>(place, 4);
    turn.add(1);
    turn.wakeAll();
    return value;
  }
}

const TASKS: i32 = 256;
export const SIZE_OF_DEQUE: i32 = 8 + 4 * TASKS;

/** No task. */
export const NONE: i32 = -1;

/** That of David Chase and Yossi Lev ("Dynamic Circular Work-Stealing Deque", 2005), of fixed size. */
@unmanaged
export class Deque {
  private get top(): Word {
    return Word.at(changetype<usize>(this));
  }
  private get bottom(): Word {
    return Word.at(changetype<usize>(this) + 4);
  }
  private place(index: i32): Word {
    return Word.at(changetype<usize>(this) + 8 + 4 * (index % TASKS));
  }

  /** Lays a task at the bottom. The owner's. Traps where there is no room. */
  push(task: i32): void {
    const bottom = this.bottom.load();
    if (bottom - this.top.load() >= TASKS) unreachable();
    this.place(bottom).store(task);
    this.bottom.store(bottom + 1);
  }

  /** Takes the task at the bottom, or NONE. The owner's, who for the last one may have to race a thief. */
  pop(): i32 {
    const bottom = this.bottom.add(-1) - 1;
    const top = this.top.load();
    if (top < bottom) return this.place(bottom).load();
    const task = top == bottom && this.top.replace(top, top + 1) ? this.place(bottom).load() : NONE;
    this.bottom.store(bottom + 1);
    return task;
  }

  /** Takes the task at the top, or NONE; NONE also where another was quicker. */
  steal(): i32 {
    const top = this.top.load();
    if (top >= this.bottom.load()) return NONE;
    const task = this.place(top).load();
    return this.top.replace(top, top + 1) ? task : NONE;
  }
}
