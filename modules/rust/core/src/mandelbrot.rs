//! A picture of the Mandelbrot set in bands, for workers that share no memory.

use crate::WRONG;

#[path = "../../mandelbrot.rs"]
mod point;
use point::steps;

const MOST: i32 = 400;

/// All steps of the points in worker `tid`'s rows; `arg` is the side of the picture times 256, plus the workers.
#[unsafe(no_mangle)]
pub extern "C" fn mandelbrot_band(tid: u32, arg: u32) -> u32 {
    let (points, workers) = (arg / 256, arg % 256);
    let step = 1.0 / f64::from(points);
    let at = |index: u32| 3.0 * (f64::from(index) * step);
    let first = points * tid / workers + u32::from(WRONG);
    let row = |y: u32| (0..points).map(move |x| steps((at(x) - 2.0, at(y) - 1.5), MOST) as u32).sum::<u32>();
    (first..points * (tid + 1) / workers).map(row).sum()
}
