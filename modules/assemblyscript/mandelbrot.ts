/** How many steps a point of the Mandelbrot set's picture stays within the circle, up to `most`. */
export function steps(cRe: f64, cIm: f64, most: i32): i32 {
  let re: f64 = 0;
  let im: f64 = 0;
  for (let step = 0; step < most; step++) {
    const re2 = re * re;
    const im2 = im * im;
    if (re2 + im2 > 4) return step;
    im = 2 * re * im + cIm;
    re = re2 - im2 + cRe;
  }
  return most;
}
