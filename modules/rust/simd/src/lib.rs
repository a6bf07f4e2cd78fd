//! The product of two square matrices of f32, four elements of a row at a time.

#![allow(clippy::missing_safety_doc)]

use std::alloc::Layout;
use std::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_splat, v128, v128_load, v128_store};

/// `size` fresh bytes at an address that 16 divides; 0 when there is no more memory. Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(size: usize) -> *mut u8 {
    match Layout::from_size_align(size.max(1), 16) {
        Ok(layout) => unsafe { std::alloc::alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

const LANES: usize = 4;
/// Vectors that are summed together: they share each element of `a`.
const VECTORS: usize = 4;

/// `c = a b`: f32, row-major, n x n. Each lane is one element, summed for k = 0 … n-1 in that order and rounded after each
/// product and sum: equal to the scalar product bit for bit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn matmul(a: *const f32, b: *const f32, c: *mut f32, n: usize) {
    for i in 0..n {
        let row = unsafe { a.add(i * n) };
        let sums = unsafe { c.add(i * n) };
        let mut j = 0;
        while j + VECTORS * LANES <= n {
            unsafe { strip::<VECTORS>(row, b.add(j), sums.add(j), n) };
            j += VECTORS * LANES;
        }
        while j + LANES <= n {
            unsafe { strip::<1>(row, b.add(j), sums.add(j), n) };
            j += LANES;
        }
        for j in j..n {
            let mut sum = 0.0;
            for k in 0..n {
                sum += unsafe { *row.add(k) * *b.add(k * n + j) };
            }
            unsafe { *sums.add(j) = sum };
        }
    }
}

/// `WIDTH` vectors of one row of the product: `row` of a, the columns of b that begin at `b`.
unsafe fn strip<const WIDTH: usize>(row: *const f32, b: *const f32, out: *mut f32, n: usize) {
    let mut sums = [f32x4_splat(0.0); WIDTH];
    for k in 0..n {
        let factor = f32x4_splat(unsafe { *row.add(k) });
        for (v, sum) in sums.iter_mut().enumerate() {
            let values = unsafe { v128_load(b.add(k * n + v * LANES).cast::<v128>()) };
            *sum = f32x4_add(*sum, f32x4_mul(factor, values));
        }
    }
    for (v, &sum) in sums.iter().enumerate() {
        unsafe { v128_store(out.add(v * LANES).cast::<v128>(), sum) };
    }
}
