import { steps } from '../mandelbrot';

const MOST = 400;

/**
 * All steps of the points in worker `tid`'s rows of a picture, for workers that share no memory; `arg` is the side of the
 * picture times 256, plus the workers.
 */
export function mandelbrotBand(tid: u32, arg: u32): u32 {
  const points = arg / 256;
  const workers = arg % 256;
  const step = 1.0 / f64(points);
  let total: u32 = 0;
  for (let y = (points * tid) / workers; y < (points * (tid + 1)) / workers; y++) {
    for (let x: u32 = 0; x < points; x++) {
      total += steps(3.0 * (f64(x) * step) - 2.0, 3.0 * (f64(y) * step) - 1.5, MOST);
    }
  }
  return total;
}
