// What the workers do with locks and queues.

import { Control, mix } from './control';
import { Barrier, Once, RwLock, SIZE_OF_ONCE, SIZE_OF_RW_LOCK, SIZE_OF_SEMAPHORE, Semaphore, SpinLock } from './locks';
import { Deque, Mailbox, Mpmc, NONE, SIZE_OF_DEQUE, SIZE_OF_SPSC, Spsc } from './queues';
import { Word } from './word';

// ---- values from producers, the first half of the workers, to consumers, the second half

const END: i32 = -1;
const MOST_WORKERS: i32 = 8;

/** The end of a region of this instance's own, which the host sets: the compiler knows no stack in memory. */
export let __stack_pointer: usize = 0;

/** A producer sends its values in order, then END; a consumer takes up to one END. Q puts and takes. */
function pass<Q>(tid: i32, control: Control, queue: Q): i32 {
  if (control.isFirstHalf(tid)) {
    for (let i = 0; i < control.iterations; i++) queue.put(tid * control.iterations + i, control.limit);
    queue.put(END, control.limit);
    return control.iterations;
  }
  const newest = __stack_pointer - 4 * MOST_WORKERS;
  memory.fill(newest, 0xff, 4 * MOST_WORKERS);
  let count = 0;
  let sum: i64 = 0;
  let check = 0;
  for (let value = queue.take(control.limit); value != END; value = queue.take(control.limit)) {
    count++;
    sum += value;
    check ^= mix(value);
    const producer = value / control.iterations;
    const known = producer >= 0 && producer < MOST_WORKERS;
    control.demand(known && load<i32>(newest + 4 * producer) < value);
    if (known) store<i32>(newest + 4 * producer, value);
  }
  control.counter.add(count);
  control.addToTotal(sum);
  control.addToCheck(check);
  return 0;
}

/** Values from hand to hand through a box for one. */
export function condition(tid: i32, control: Control): i32 {
  return pass<Mailbox>(tid, control, control.shared<Mailbox>());
}

/** Values through a queue for each producer and its consumer. */
export function spsc(tid: i32, control: Control): i32 {
  const lane = tid % (control.workers / 2);
  return pass<Spsc>(tid, control, changetype<Spsc>(control.shared<usize>() + lane * SIZE_OF_SPSC));
}

/** Values through one queue. */
export function mpmc(tid: i32, control: Control): i32 {
  return pass<Mpmc>(tid, control, control.shared<Mpmc>());
}

// ---- locks

/** Notes down that `inside` are inside, when that is the most so far. */
function noteMost(most: Word, inside: i32): void {
  for (let seen = most.load(); seen < inside; seen = most.load()) {
    if (most.replace(seen, inside)) {
      most.wakeAll();
      return;
    }
  }
}

/** In and out of a room for `limit`. The first in it wait until it is full: as many as may be inside can be. */
export function semaphore(_tid: i32, control: Control): i32 {
  const door = control.shared<Semaphore>();
  const inside = Word.at(control.shared<usize>() + SIZE_OF_SEMAPHORE);
  for (let i = 0; i < control.iterations; i++) {
    door.acquire(control.limit);
    const now = inside.add(1) + 1;
    noteMost(control.counter, now);
    control.demand(now <= control.limit);
    if (i == 0) control.counter.sleepUntil(control.limit);
    control.addToTotal(1);
    inside.add(-1);
    door.release();
  }
  return control.iterations;
}

function write(lock: RwLock, control: Control): void {
  lock.write();
  control.total++;
  control.check = mix(<i32>control.total);
  lock.endWrite();
}

function read(lock: RwLock, control: Control): void {
  lock.read();
  control.demand(control.check == mix(<i32>control.total));
  lock.endRead();
}

/** Writers change a pair of values, readers look whether they belong together. Before, all readers are inside at once. */
export function rwlock(tid: i32, control: Control): i32 {
  const lock = control.shared<RwLock>();
  const start = changetype<Barrier>(control.shared<usize>() + SIZE_OF_RW_LOCK);
  if (control.isFirstHalf(tid)) {
    start.meet(control.workers);
    for (let i = 0; i < control.iterations; i++) write(lock, control);
  } else {
    lock.read();
    control.counter.add(1);
    control.counter.wakeAll();
    control.counter.sleepUntil(control.workers - control.workers / 2);
    lock.endRead();
    start.meet(control.workers);
    for (let i = 0; i < control.iterations; i++) read(lock, control);
  }
  return control.iterations;
}

const ROW: i32 = 8;

/** Rows of a table, each written by whoever comes to it first and complete for everybody. */
export function once(_tid: i32, control: Control): i32 {
  for (let row = 0; row < control.iterations; row++) {
    const table = control.out + 4 * ROW * row;
    const first = ROW * row + 1;
    const once = changetype<Once>(control.shared<usize>() + SIZE_OF_ONCE * row);
    if (once.begin()) {
      control.counter.add(1);
      for (let i = 0; i < ROW; i++) store<i32>(table + 4 * i, mix(first + i));
      once.end();
    }
    for (let i = 0; i < ROW; i++) control.demand(load<i32>(table + 4 * i) == mix(first + i));
  }
  return control.iterations;
}

/** Plain additions to the total, each under the lock. */
export function spinlock(tid: i32, control: Control): i32 {
  const lock = control.shared<SpinLock>();
  for (let i = 0; i < control.iterations; i++) {
    lock.lock(control.slot(tid));
    control.total++;
    lock.unlock();
  }
  return control.iterations;
}

// ---- work stealing

const NAP: i64 = 20000; // ns

function deque(control: Control, tid: i32): Deque {
  return changetype<Deque>(control.shared<usize>() + tid * SIZE_OF_DEQUE);
}

function stolen(control: Control): Word {
  return Word.at(control.shared<usize>() + MOST_WORKERS * SIZE_OF_DEQUE);
}

function steal(tid: i32, control: Control): i32 {
  for (let next = 1; next < control.workers; next++) {
    const task = deque(control, (tid + next) % control.workers).steal();
    if (task == NONE) continue;
    stolen(control).add(1);
    stolen(control).wakeAll();
    return task;
  }
  return NONE;
}

/** So many steps of George Marsaglia's xorshift32. */
function shuffle(value: u32, steps: i32): u32 {
  for (; steps > 0; steps--) {
    value ^= value << 13;
    value ^= value >> 17;
    value ^= value << 5;
  }
  return value;
}

/** Tasks that make tasks. Worker 0 has the first ones, and waits until the others have stolen theirs. */
export function stealing(tid: i32, control: Control): i32 {
  const own = deque(control, tid);
  if (tid == 0) {
    for (let task = 0; task < control.workers; task++) own.push(task);
    stolen(control).sleepUntil(control.workers - 1);
  }
  while (control.counter.load() < control.length) {
    let task = own.pop();
    if (task == NONE) task = steal(tid, control);
    if (task == NONE) {
      control.slot(tid).nap(NAP);
      continue;
    }
    atomic.add<u32>(control.out + 4 * task, shuffle(task + 1, control.iterations));
    const first = control.workers + 2 * task;
    const end = min(first + 2, control.length);
    for (let made = first; made < end; made++) own.push(made);
    control.counter.add(1);
  }
  return 0;
}
