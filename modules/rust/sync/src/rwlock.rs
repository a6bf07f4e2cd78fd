//! A lock that readers share and a writer has alone.

use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::Zeroed;
use crate::futex::{wait, wake_all};

/// `state` is how many read, or WRITTEN.
#[repr(C)]
pub struct RwLock {
    state: AtomicI32,
    waiting: AtomicI32,
}

const FREE: i32 = 0;
const WRITTEN: i32 = -1;

unsafe impl Zeroed for RwLock {}

impl RwLock {
    pub fn read<T>(&self, work: impl FnOnce() -> T) -> T {
        self.take(|state| (state >= FREE).then_some(state + 1));
        let result = work();
        if self.state.fetch_sub(1, SeqCst) == 1 {
            self.wake();
        }
        result
    }

    pub fn write<T>(&self, work: impl FnOnce() -> T) -> T {
        self.take(|state| (state == FREE).then_some(WRITTEN));
        let result = work();
        self.state.store(FREE, SeqCst);
        self.wake();
        result
    }

    /// Waits for a state that `next` makes another of, and makes it.
    fn take(&self, next: impl Fn(i32) -> Option<i32>) {
        loop {
            let state = self.state.load(SeqCst);
            if let Some(next) = next(state) {
                if self.state.compare_exchange(state, next, SeqCst, SeqCst).is_ok() {
                    return;
                }
            } else {
                self.waiting.fetch_add(1, SeqCst);
                wait(&self.state, state);
                self.waiting.fetch_sub(1, SeqCst);
            }
        }
    }

    fn wake(&self) {
        if self.waiting.load(SeqCst) > 0 {
            wake_all(&self.state);
        }
    }
}
