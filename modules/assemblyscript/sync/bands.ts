// What the workers do each on a band of the data.

import { steps } from '../mandelbrot';
import { Control } from './control';
import { Barrier } from './locks';

const VALUE: usize = sizeof<i32>();

/** Merges two sorted runs, from … middle and middle … to (addresses), by way of the same room `away` bytes on. */
function merge(from: usize, middle: usize, to: usize, away: usize): void {
  let a = from;
  let b = middle;
  for (let at = from; at < to; at += VALUE) {
    if (b == to || (a < middle && load<i32>(a) <= load<i32>(b))) {
      store<i32>(at + away, load<i32>(a));
      a += VALUE;
    } else {
      store<i32>(at + away, load<i32>(b));
      b += VALUE;
    }
  }
  memory.copy(from, from + away, to - from);
}

/** Merges runs of one value, of two, of four … */
function mergeSort(from: usize, to: usize, away: usize): void {
  for (let run = VALUE; run < to - from; run *= 2) {
    for (let at = from; at + run < to; at += 2 * run) merge(at, at + run, min(at + 2 * run, to), away);
  }
}

/** Each sorts its band; then neighbours' bands are merged, until there is one. */
export function sort(tid: i32, control: Control): i32 {
  const barrier = control.shared<Barrier>();
  const workers = control.workers;
  const data = control.data;
  const away = control.out - data;
  mergeSort(data + VALUE * control.border(tid), data + VALUE * control.border(tid + 1), away);
  barrier.meet(workers);
  for (let bands = 1; bands < workers; bands *= 2) {
    if (tid % (2 * bands) == 0 && tid + bands < workers) {
      const end = min(tid + 2 * bands, workers);
      merge(
        data + VALUE * control.border(tid),
        data + VALUE * control.border(tid + bands),
        data + VALUE * control.border(end),
        away,
      );
    }
    barrier.meet(workers);
  }
  return 0;
}

/** The rows of its band of the picture. */
export function mandelbrot(tid: i32, control: Control): i32 {
  const n = control.length;
  const scale = 1.0 / <f64>n;
  const end = control.border(tid + 1);
  for (let y = control.border(tid); y < end; y++) {
    for (let x = 0; x < n; x++) {
      const point = steps(3 * (x * scale) - 2, 3 * (y * scale) - 1.5, control.iterations);
      store<i32>(control.out + VALUE * (y * n + x), point);
    }
  }
  return 0;
}

/** The rows of its band of the product of two matrices. */
export function matmul(tid: i32, control: Control): i32 {
  const row = sizeof<f32>() * control.length;
  const b = control.data + row * control.length;
  const end = control.border(tid + 1);
  for (let i = control.border(tid); i < end; i++) {
    const out = control.out + row * i;
    memory.fill(out, 0, row);
    for (let k = 0; k < control.length; k++) {
      const factor = load<f32>(control.data + row * i + sizeof<f32>() * k);
      const from = b + row * k;
      for (let at: usize = 0; at < row; at += sizeof<f32>()) {
        store<f32>(out + at, load<f32>(out + at) + factor * load<f32>(from + at));
      }
    }
  }
  return 0;
}
