//! The picture of `length` by `length` points: how many steps each stays within the circle, up to `iterations`.

use crate::control::Control;

#[path = "../../mandelbrot.rs"]
mod point;
use point::steps;

/// Computes these rows of it.
pub fn rows(control: &Control, rows: impl Iterator<Item = usize>) {
    let (n, out) = (control.length as usize, control.out::<i32>());
    let step = 1.0 / f64::from(control.length);
    for y in rows {
        for x in 0..n {
            let c = (3.0 * (x as f64 * step) - 2.0, 3.0 * (y as f64 * step) - 1.5);
            unsafe { *out.add(y * n + x) = steps(c, control.iterations) };
        }
    }
}
