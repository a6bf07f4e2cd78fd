//! What is done once, by whoever comes first.

use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::{Acquire, SeqCst};

use crate::control::Zeroed;
use crate::futex::{wait, wake_all};

#[repr(C)]
pub struct Once {
    state: AtomicI32,
}

const NEW: i32 = 0;
const RUNNING: i32 = 1;
const AWAITED: i32 = 2; // running, and somebody waits for its end
const DONE: i32 = 3;

unsafe impl<const N: usize> Zeroed for [Once; N] {}

impl Once {
    /// Does the work, unless somebody has; when this returns, it is done.
    pub fn call(&self, work: impl FnOnce()) {
        if self.state.compare_exchange(NEW, RUNNING, SeqCst, SeqCst).is_ok() {
            work();
            if self.state.swap(DONE, SeqCst) == AWAITED {
                wake_all(&self.state);
            }
            return;
        }
        while self.state.load(Acquire) != DONE {
            let _ = self.state.compare_exchange(RUNNING, AWAITED, SeqCst, SeqCst);
            wait(&self.state, AWAITED);
        }
    }
}
