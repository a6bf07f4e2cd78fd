//! A point of the Mandelbrot set's picture.

/// How many steps of z² + c stay within the circle, up to `most`.
pub fn steps(c: (f64, f64), most: i32) -> i32 {
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
