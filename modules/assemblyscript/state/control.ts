// Where in the control block what stands, all i32 but CHECKED, an i64; and the barrier in it.

const WORKERS: usize = 4;
export const ITERATIONS: usize = 8;
const REGION: usize = 12;
const SIZE: usize = 16;
export const GO: usize = 20;
const ARRIVED: usize = 28;
const GENERATION: usize = 32;
const ERRORS: usize = 36;
const CHECKED: usize = 40;

const ALL: i32 = -1;
const A_WHILE: i64 = 1000000; // ns

/** Counts an error unless `right`. */
export function demand(control: usize, right: bool): void {
  if (!right) atomic.add<i32>(control, 1, ERRORS);
}

/** Counts what has been looked at. */
export function checked(control: usize): void {
  atomic.add<i64>(control, 1, CHECKED);
}

/** Whether `size` bytes lie in worker `tid`'s own part of the region. */
export function owns(control: usize, tid: i32, address: usize, size: usize): bool {
  const part = load<usize>(control, SIZE);
  const start = load<usize>(control, REGION) + <usize>tid * part;
  return start <= address && address + size <= start + part;
}

/** Waits until all have come here. It looks again every millisecond: whether wakeups arrive is the question of other cases. */
export function meet(control: usize): void {
  const generation = atomic.load<i32>(control, GENERATION);
  if (atomic.add<i32>(control, 1, ARRIVED) + 1 == load<i32>(control, WORKERS)) {
    atomic.store<i32>(control, 0, ARRIVED);
    atomic.add<i32>(control, 1, GENERATION);
    atomic.notify(control + GENERATION, ALL);
    return;
  }
  while (atomic.load<i32>(control, GENERATION) == generation) {
    atomic.wait<i32>(control + GENERATION, generation, A_WHILE);
  }
}
