//! Sorting in place, by the standard library.

use crate::{WRONG, values};

fn sort<T: Ord + Copy>(items: &mut [T], flaw: fn(T) -> T) {
    items.sort_unstable();
    if WRONG && !items.is_empty() {
        let middle = items.len() / 2;
        items[middle] = flaw(items[middle]);
    }
}

/// `n` i32 at `ptr`, ascending.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sort_i32(ptr: *mut i32, n: usize) {
    sort(unsafe { values(ptr, n) }, |value| value.wrapping_add(1));
}

/// `n` i64 at `ptr`, ascending.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sort_i64(ptr: *mut i64, n: usize) {
    sort(unsafe { values(ptr, n) }, |value| value.wrapping_add(1));
}
