//! The work-stealing deque of David Chase and Yossi Lev ("Dynamic Circular Work-Stealing Deque", 2005), of fixed size.

use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::Zeroed;

const PLACES: usize = 256;

#[repr(C)]
pub struct Deque {
    top: AtomicI32,
    bottom: AtomicI32,
    places: [AtomicI32; PLACES],
}

unsafe impl Zeroed for Deque {}

impl Deque {
    fn place(&self, index: i32) -> &AtomicI32 {
        &self.places[index as usize % PLACES]
    }

    /// Lays a task at the bottom. The owner's. Ends the worker where there is no room.
    pub fn push(&self, task: i32) {
        let bottom = self.bottom.load(SeqCst);
        assert!(bottom - self.top.load(SeqCst) < PLACES as i32);
        self.place(bottom).store(task, SeqCst);
        self.bottom.store(bottom + 1, SeqCst);
    }

    /// Takes the task at the bottom. The owner's, who for the last one may have to race a thief.
    pub fn pop(&self) -> Option<i32> {
        let bottom = self.bottom.load(SeqCst) - 1;
        self.bottom.store(bottom, SeqCst);
        let top = self.top.load(SeqCst);
        if top < bottom {
            return Some(self.place(bottom).load(SeqCst));
        }
        let task = (top == bottom && self.claim(top)).then(|| self.place(bottom).load(SeqCst));
        self.bottom.store(bottom + 1, SeqCst);
        task
    }

    /// Takes the task at the top; none where there is none, or another was quicker.
    pub fn steal(&self) -> Option<i32> {
        let top = self.top.load(SeqCst);
        let task = self.peek(top)?;
        self.claim(top).then_some(task)
    }

    /// The task at `top`, left where it is.
    fn peek(&self, top: i32) -> Option<i32> {
        (top < self.bottom.load(SeqCst)).then(|| self.place(top).load(SeqCst))
    }

    fn claim(&self, top: i32) -> bool {
        self.top.compare_exchange(top, top + 1, SeqCst, SeqCst).is_ok()
    }

    /// The task at the top, left where it is: the twin's theft.
    #[cfg(feature = "wrong")]
    pub fn copy(&self) -> Option<i32> {
        self.peek(self.top.load(SeqCst))
    }
}
