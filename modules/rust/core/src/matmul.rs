//! The product of two square matrices of f32, scalar.

use crate::{WRONG, values};

/// `c = a b`: f32, row-major, n x n. Each element is summed for k = 0 … n-1 in that order; each product and sum is rounded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn matmul(a: *mut f32, b: *mut f32, c: *mut f32, n: usize) {
    if n == 0 {
        return;
    }
    let (a, b, c) = unsafe { (values(a, n * n), values(b, n * n), values(c, n * n)) };
    let terms = if WRONG { n - 1 } else { n };
    c.fill(0.0);
    // Row by row of b: the same order of sums for each element, and the memory is read in its own order.
    for (row, sums) in a.chunks_exact(n).zip(c.chunks_exact_mut(n)) {
        for (&factor, line) in row[..terms].iter().zip(b.chunks_exact(n)) {
            for (sum, &value) in sums.iter_mut().zip(line) {
                *sum += factor * value;
            }
        }
    }
}
