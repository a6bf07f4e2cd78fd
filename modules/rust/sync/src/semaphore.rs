//! A counting semaphore.

use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::Zeroed;
use crate::futex::{wait, wake_one};

#[repr(C)]
pub struct Semaphore {
    taken: AtomicI32,
    waiting: AtomicI32,
}

unsafe impl Zeroed for Semaphore {}

impl Semaphore {
    /// Takes one of `permits`.
    pub fn acquire(&self, permits: i32) {
        loop {
            let taken = self.taken.load(SeqCst);
            if taken >= permits {
                self.waiting.fetch_add(1, SeqCst);
                wait(&self.taken, taken);
                self.waiting.fetch_sub(1, SeqCst);
            } else if self.taken.compare_exchange(taken, taken + 1, SeqCst, SeqCst).is_ok() {
                return;
            }
        }
    }

    /// Gives it back, and wakes one who waits for it.
    pub fn release(&self) {
        self.taken.fetch_sub(1, SeqCst);
        if self.waiting.load(SeqCst) > 0 {
            wake_one(&self.taken);
        }
    }
}
