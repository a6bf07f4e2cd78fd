//! The picture of `length` by `length` points: how many steps each stays within the circle, up to `iterations`.

use crate::control::Control;

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

fn steps(c: (f64, f64), most: i32) -> i32 {
    let mut z = (0.0, 0.0);
    for steps in 0..most {
        let (re2, im2) = (z.0 * z.0, z.1 * z.1);
        if re2 + im2 > 4.0 {
            return steps;
        }
        z = (re2 - im2 + c.0, 2.0 * z.0 * z.1 + c.1);
    }
    most
}
