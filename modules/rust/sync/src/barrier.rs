//! A barrier that may be used again and again.

use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::Zeroed;
use crate::futex::{wait, wake_all};

#[repr(C)]
pub struct Barrier {
    arrived: AtomicI32,
    generation: AtomicI32,
}

unsafe impl Zeroed for Barrier {}

impl Barrier {
    /// Waits until `workers` have come here. The generation tells the next use from this one.
    pub fn meet(&self, workers: i32) {
        let now = self.generation.load(SeqCst);
        if self.arrived.fetch_add(1, SeqCst) + 1 == workers {
            self.arrived.store(0, SeqCst);
            self.generation.fetch_add(1, SeqCst);
            wake_all(&self.generation);
            return;
        }
        while self.generation.load(SeqCst) == now {
            wait(&self.generation, now);
        }
    }
}
