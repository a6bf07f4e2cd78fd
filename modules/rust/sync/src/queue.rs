//! Bounded queues: for one producer and one consumer, and for many of each.

use core::cell::UnsafeCell;
use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::Zeroed;
use crate::futex::{wait, wait_until, wake_all, wake_one};

const MOST: usize = 64; // places

/// `put` counts the values that went in, `taken` those that came out.
#[repr(C)]
pub struct Spsc {
    put: AtomicI32,
    taken: AtomicI32,
    places: [UnsafeCell<i32>; MOST],
}

unsafe impl Sync for Spsc {}
unsafe impl<const N: usize> Zeroed for [Spsc; N] {}

impl Spsc {
    /// Puts the value into the queue once one of its `limit` places is free. The one producer's.
    pub fn put(&self, value: i32, limit: i32) {
        while !self.try_put(value, limit) {
            wait(&self.taken, self.put.load(SeqCst) - limit);
        }
    }

    /// Puts the value into the queue if there is room.
    pub fn try_put(&self, value: i32, limit: i32) -> bool {
        let put = self.put.load(SeqCst);
        if put - self.taken.load(SeqCst) == limit {
            return false;
        }
        unsafe { *self.places[(put % limit) as usize].get() = value };
        self.put.store(put + 1, SeqCst);
        wake_one(&self.put);
        true
    }

    /// Takes the oldest value once there is one. The one consumer's.
    pub fn take(&self, limit: i32) -> i32 {
        let taken = self.taken.load(SeqCst);
        wait_until(&self.put, taken + 1);
        let value = unsafe { *self.places[(taken % limit) as usize].get() };
        self.taken.store(taken + 1, SeqCst);
        wake_one(&self.taken);
        value
    }
}

/// Who puts or takes draws a number, which says the place and whose turn it is there: in round r of a place turn 2r
/// is to put, turn 2r + 1 to take.
#[repr(C)]
pub struct Mpmc {
    puts: AtomicI32,
    takes: AtomicI32,
    places: [Place; MOST],
}

#[repr(C)]
struct Place {
    turn: AtomicI32,
    value: UnsafeCell<i32>,
}

unsafe impl Sync for Mpmc {}
unsafe impl Zeroed for Mpmc {}

impl Place {
    fn in_turn<T>(&self, turn: i32, work: impl FnOnce(*mut i32) -> T) -> T {
        wait_until(&self.turn, turn);
        let result = work(self.value.get());
        self.turn.store(turn + 1, SeqCst);
        wake_all(&self.turn);
        result
    }
}

impl Mpmc {
    /// Puts the value into the queue once its place is free.
    pub fn put(&self, value: i32, limit: i32) {
        let number = self.puts.fetch_add(1, SeqCst);
        self.places[(number % limit) as usize].in_turn(number / limit * 2, |place| unsafe { *place = value });
    }

    /// Takes the oldest value that nobody else takes, once it is there.
    pub fn take(&self, limit: i32) -> i32 {
        let number = self.takes.fetch_add(1, SeqCst);
        self.places[(number % limit) as usize].in_turn(number / limit * 2 + 1, |place| unsafe { *place })
    }
}
