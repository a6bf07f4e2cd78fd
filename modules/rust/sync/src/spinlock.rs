//! A lock for which one looks again and again, at growing distances.

use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::control::Zeroed;
use crate::futex::nap;

#[repr(C)]
pub struct SpinLock {
    held: AtomicI32,
}

const PATIENCE: i32 = 1 << 10; // looks
const NAP: i64 = 20_000; // ns

unsafe impl Zeroed for SpinLock {}

impl SpinLock {
    /// Takes the lock; between two tries it looks twice as often as before, and in the end sleeps on `own` for a
    /// moment.
    pub fn lock(&self, own: &AtomicI32) {
        let mut looks = 1;
        while self.held.swap(1, Acquire) != 0 {
            if looks > PATIENCE {
                nap(own, NAP);
                continue;
            }
            for _ in 0..looks {
                if self.held.load(Relaxed) == 0 {
                    break;
                }
            }
            looks *= 2;
        }
    }

    pub fn unlock(&self) {
        self.held.store(0, Release);
    }
}
