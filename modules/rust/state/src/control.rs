//! The control block that the host lays into the shared memory, and the barrier in it.

use core::arch::wasm32::{memory_atomic_notify, memory_atomic_wait32};
use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicI32, AtomicI64, AtomicUsize};

/// Little-endian, as the host writes it.
#[repr(C)]
pub struct Control {
    pub job: i32,
    pub workers: i32,
    pub iterations: i32,
    region: usize,
    size: usize,
    pub go: AtomicI32,
    reserved: i32,
    arrived: AtomicI32,
    generation: AtomicI32,
    errors: AtomicI32,
    pub checked: AtomicI64,
    reserved_too: [i64; 2],
    slots: [AtomicUsize; 0],
}

const _: () = assert!(core::mem::offset_of!(Control, go) == 20);
const _: () = assert!(core::mem::offset_of!(Control, checked) == 40);
const _: () = assert!(core::mem::offset_of!(Control, slots) == 64);

const A_WHILE: i64 = 1_000_000; // ns

impl Control {
    /// Counts an error unless `right`.
    pub fn demand(&self, right: bool) {
        if !right {
            self.errors.fetch_add(1, SeqCst);
        }
    }

    /// Whether `size` bytes at `address` lie in worker `tid`'s own part of the region.
    pub fn owns(&self, tid: i32, address: usize, size: usize) -> bool {
        let start = self.region + tid as usize * self.size;
        start <= address && address + size <= start + self.size
    }

    /// The slot of worker `tid`.
    pub fn slot(&self, tid: i32) -> &AtomicUsize {
        unsafe { &*self.slots.as_ptr().add(tid as usize) }
    }

    /// Waits until all have come here. It looks again every millisecond: whether wakeups arrive is the question of other cases.
    pub fn meet(&self) {
        let now = self.generation.load(SeqCst);
        if self.arrived.fetch_add(1, SeqCst) + 1 == self.workers {
            self.arrived.store(0, SeqCst);
            self.generation.fetch_add(1, SeqCst);
            unsafe { memory_atomic_notify(self.generation.as_ptr(), u32::MAX) };
            return;
        }
        while self.generation.load(SeqCst) == now {
            nap(&self.generation, now);
        }
    }
}

/// A function of its own, since node 20 loses what is kept across a wait: `threads/wait-keeps-locals-4` asks for that.
#[inline(never)]
fn nap(word: &AtomicI32, value: i32) {
    unsafe { memory_atomic_wait32(word.as_ptr(), value, A_WHILE) };
}
