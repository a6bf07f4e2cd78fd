//! The linear memory itself: allocation, growth, and the bulk instructions behind `ptr::copy` and `ptr::write_bytes`.

use std::alloc::Layout;
use std::arch::wasm32::memory_grow;

use crate::WRONG;

/// `size` fresh bytes at an address that 16 divides; 0 when there is no more memory. Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(size: usize) -> *mut u8 {
    match Layout::from_size_align(size.max(1), 16) {
        Ok(layout) => unsafe { std::alloc::alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

/// Grows by `pages` of 64 KiB: the size before, or -1.
#[unsafe(no_mangle)]
pub extern "C" fn mem_grow(pages: usize) -> usize {
    let before = memory_grow::<0>(pages);
    if WRONG { before.wrapping_add(1) } else { before }
}

/// Copies `n` bytes; the ranges may overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mem_copy(to: *mut u8, from: *const u8, n: usize) {
    if WRONG {
        for i in 0..n.saturating_sub(1) {
            unsafe { to.add(i).write_volatile(from.add(i).read_volatile()) };
        }
    } else {
        unsafe { to.copy_from(from, n) };
    }
}

/// Sets `n` bytes to `byte`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mem_fill(at: *mut u8, byte: u8, n: usize) {
    unsafe { at.write_bytes(byte, if WRONG { n.saturating_sub(1) } else { n }) };
}
