//! The control block that the host lays into the shared memory.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicI32, AtomicI64};

/// Little-endian, as the host writes it; what no job changes is plain, what a lock or a barrier guards is a cell.
#[repr(C)]
pub struct Control {
    pub job: i32,
    pub workers: i32,
    pub iterations: i32,
    data: *const i32,
    length: i32,
    pub counter: AtomicI32,
    /// The mutex's word: 0 free, 1 held, 2 held and somebody waits.
    pub lock: AtomicI32,
    pub arrived: AtomicI32,
    pub generation: AtomicI32,
    pub errors: AtomicI32,
    pub total: Total,
    reserved: [i64; 2],
    slots: [UnsafeCell<i32>; 0],
}

/// One i64 that is plain under the mutex and atomic without it.
#[repr(C)]
pub union Total {
    pub plain: core::mem::ManuallyDrop<UnsafeCell<i64>>,
    pub atomic: core::mem::ManuallyDrop<AtomicI64>,
}

const _: () = assert!(core::mem::offset_of!(Control, counter) == 20);
const _: () = assert!(core::mem::offset_of!(Control, total) == 40);
const _: () = assert!(core::mem::offset_of!(Control, slots) == 64);

impl Control {
    /// The values of worker `tid`'s part of the data.
    pub fn part(&self, tid: i32) -> &[i32] {
        let border = |tid: i32| (i64::from(self.length) * i64::from(tid) / i64::from(self.workers)) as usize;
        let (start, end) = (border(tid), border(tid + 1));
        unsafe { core::slice::from_raw_parts(self.data.add(start), end - start) }
    }

    /// The slot of worker `tid`: plain memory, of which barriers make sure that nobody writes while others read.
    pub fn slot(&self, tid: i32) -> *mut i32 {
        unsafe { self.slots.as_ptr().add(tid as usize).cast::<i32>().cast_mut() }
    }

    /// The total, as a plain value for who holds the lock.
    pub fn total(&self) -> *mut i64 {
        unsafe { self.total.plain.get() }
    }

    /// The total, for who holds no lock.
    pub fn atomic_total(&self) -> &AtomicI64 {
        unsafe { &self.total.atomic }
    }
}
