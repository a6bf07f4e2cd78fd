//! A mutex: the third of Ulrich Drepper's "Futexes Are Tricky".

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::control::Zeroed;
use crate::futex::{wait, wake_one};

#[repr(C)]
pub struct Mutex<T> {
    state: AtomicI32,
    value: UnsafeCell<T>,
}

unsafe impl<T: Send> Sync for Mutex<T> {}
unsafe impl<T: Send + Zeroed> Zeroed for Mutex<T> {}

const FREE: i32 = 0;
const HELD: i32 = 1;
const AWAITED: i32 = 2;

/// The value, for as long as this lives.
pub struct Guard<'a, T> {
    pub mutex: &'a Mutex<T>,
}

impl<T> Mutex<T> {
    pub fn lock(&self) -> Guard<'_, T> {
        if self.state.compare_exchange(FREE, HELD, Acquire, Relaxed).is_err() {
            while self.state.swap(AWAITED, Acquire) != FREE {
                wait(&self.state, AWAITED);
            }
        }
        Guard { mutex: self }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        if self.mutex.state.swap(FREE, Release) == AWAITED {
            wake_one(&self.mutex.state);
        }
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        unsafe { &mut *self.mutex.value.get() }
    }
}
