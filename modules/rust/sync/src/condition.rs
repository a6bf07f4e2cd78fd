//! A condition variable, and a box for one value that is handed over by two of them.

use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::Zeroed;
use crate::futex;
use crate::lock::{Guard, Mutex};

/// The word counts the notifications, so that one between the unlock and the sleep is not missed.
#[repr(C)]
pub struct Condition {
    notified: AtomicI32,
}

impl Condition {
    /// Gives the lock back, sleeps until it is notified (or for no reason), and takes the lock again.
    pub fn wait<'a, T>(&self, guard: Guard<'a, T>) -> Guard<'a, T> {
        let seen = self.notified.load(SeqCst);
        let mutex = guard.mutex;
        drop(guard);
        futex::wait(&self.notified, seen);
        mutex.lock()
    }

    pub fn notify_one(&self) {
        self.notified.fetch_add(1, SeqCst);
        futex::wake_one(&self.notified);
    }
}

#[repr(C)]
pub struct Mailbox {
    content: Mutex<Content>,
    filled: Condition,
    emptied: Condition,
}

#[repr(C)]
pub struct Content {
    full: i32,
    value: i32,
}

unsafe impl Zeroed for Content {}
unsafe impl Zeroed for Mailbox {}

impl Mailbox {
    /// Lays the value into the box once it is empty.
    pub fn put(&self, value: i32) {
        let mut content = self.content.lock();
        while content.full != 0 {
            content = self.emptied.wait(content);
        }
        *content = Content { full: 1, value };
        self.filled.notify_one();
    }

    /// Takes the value out of the box once there is one.
    pub fn take(&self) -> i32 {
        let mut content = self.content.lock();
        while content.full == 0 {
            content = self.filled.wait(content);
        }
        content.full = 0;
        self.emptied.notify_one();
        content.value
    }

    /// Lays the value into the box, over what may be there: the twin's.
    #[cfg(feature = "wrong")]
    pub fn overwrite(&self, value: i32) {
        *self.content.lock() = Content { full: 1, value };
        self.filled.notify_one();
    }
}
