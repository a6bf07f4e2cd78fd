//! Sleep and wake: `memory.atomic.wait32` and `memory.atomic.notify`.

use core::arch::wasm32::{memory_atomic_notify, memory_atomic_wait32};
use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

const FOREVER: i64 = -1; // ns

/// Sleeps while `word` holds `value`, until it is woken.
pub fn wait(word: &AtomicI32, value: i32) {
    unsafe { memory_atomic_wait32(word.as_ptr(), value, FOREVER) };
}

/// Sleeps until `word` holds `value` or more.
pub fn wait_until(word: &AtomicI32, value: i32) {
    loop {
        let seen = word.load(SeqCst);
        if seen >= value {
            return;
        }
        wait(word, seen);
    }
}

/// Sleeps for `nanoseconds` on a word that holds 0 and that nobody notifies.
pub fn nap(word: &AtomicI32, nanoseconds: i64) {
    unsafe { memory_atomic_wait32(word.as_ptr(), 0, nanoseconds) };
}

pub fn wake_one(word: &AtomicI32) {
    unsafe { memory_atomic_notify(word.as_ptr(), 1) };
}

pub fn wake_all(word: &AtomicI32) {
    unsafe { memory_atomic_notify(word.as_ptr(), u32::MAX) };
}
