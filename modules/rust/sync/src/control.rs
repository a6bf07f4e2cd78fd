//! The control block that the host lays into the shared memory.

use core::cell::UnsafeCell;
use core::ops::Range;
use core::sync::atomic::{AtomicI32, AtomicI64};

/// Little-endian, as the host writes it. What a lock guards is reached through `as_ptr`, by plain instructions.
#[repr(C)]
pub struct Control {
    pub job: i32,
    pub workers: i32,
    pub iterations: i32,
    data: *mut u8,
    pub length: i32,
    pub counter: AtomicI32,
    _of_other_jobs: [i32; 3],
    pub errors: AtomicI32,
    pub total: AtomicI64,
    pub limit: i32,
    out: *mut u8,
    pub check: AtomicI32,
    _reserved: i32,
    slots: [AtomicI32; 16],
    shared: UnsafeCell<[u64; SHARED / 8]>,
}

const SHARED: usize = 32 << 10; // bytes

const _: () = assert!(core::mem::offset_of!(Control, counter) == 20);
const _: () = assert!(core::mem::offset_of!(Control, errors) == 36);
const _: () = assert!(core::mem::offset_of!(Control, limit) == 48);
const _: () = assert!(core::mem::offset_of!(Control, slots) == 64);
const _: () = assert!(core::mem::offset_of!(Control, shared) == 128);

/// What is ready for use when all its bytes are zero, and may be shared by all workers.
///
/// # Safety
/// Zeros are a value of the type, and what in it changes is atomic, or guarded by what is.
pub unsafe trait Zeroed: Sync {}

impl Control {
    /// What the workers share in a program, of a type that it chooses itself; zeros at first.
    pub fn shared<T: Zeroed>(&self) -> &T {
        const { assert!(size_of::<T>() <= SHARED && align_of::<T>() <= 8) };
        unsafe { &*self.shared.get().cast() }
    }

    /// A word of worker `tid`'s own, which nobody notifies.
    pub fn slot(&self, tid: i32) -> &AtomicI32 {
        &self.slots[tid as usize]
    }

    /// What the host gave, as values of T.
    pub fn data<T>(&self) -> *mut T {
        self.data.cast()
    }

    /// Where results go, as values of T.
    pub fn out<T>(&self) -> *mut T {
        self.out.cast()
    }

    /// Worker `tid`'s part of `length`.
    pub fn band(&self, tid: i32) -> Range<usize> {
        self.border(tid)..self.border(tid + 1)
    }

    /// Where worker `tid`'s part begins.
    pub fn border(&self, tid: i32) -> usize {
        (i64::from(self.length) * i64::from(tid) / i64::from(self.workers)) as usize
    }

    /// The first half of the workers produce or write, the second half consume or read.
    pub fn is_first_half(&self, tid: i32) -> bool {
        tid < self.workers / 2
    }
}
