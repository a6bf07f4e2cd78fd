//! A mutex and a barrier on `memory.atomic.wait32` and `memory.atomic.notify`.

use core::arch::wasm32::{memory_atomic_notify, memory_atomic_wait32};
use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

const FOREVER: i64 = -1; // ns

/// Sleeps while `word` holds `value`.
pub fn wait(word: &AtomicI32, value: i32) {
    unsafe { memory_atomic_wait32(word.as_ptr(), value, FOREVER) };
}

/// Wakes so many of those who sleep on `word`.
pub fn notify(word: &AtomicI32, waiters: u32) {
    unsafe { memory_atomic_notify(word.as_ptr(), waiters) };
}

const FREE: i32 = 0;
const HELD: i32 = 1;
const AWAITED: i32 = 2;

/// Takes the lock: the third mutex of Ulrich Drepper's "Futexes Are Tricky".
pub fn lock(word: &AtomicI32) {
    if word.compare_exchange(FREE, HELD, Acquire, Relaxed).is_ok() {
        return;
    }
    while word.swap(AWAITED, Acquire) != FREE {
        wait(word, AWAITED);
    }
}

/// Gives the lock back and wakes one who waits for it.
pub fn unlock(word: &AtomicI32) {
    if word.swap(FREE, Release) == AWAITED {
        notify(word, 1);
    }
}

/// Waits until `workers` have come here. The generation tells a barrier's next use from this one.
pub fn meet(arrived: &AtomicI32, generation: &AtomicI32, workers: i32) {
    let now = generation.load(SeqCst);
    if arrived.fetch_add(1, SeqCst) + 1 == workers {
        arrived.store(0, SeqCst);
        generation.fetch_add(1, SeqCst);
        notify(generation, u32::MAX);
        return;
    }
    while generation.load(SeqCst) == now {
        wait(generation, now);
    }
}
