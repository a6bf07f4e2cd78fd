//! A room that is entered by a semaphore.

use core::sync::atomic::AtomicI32;
use core::sync::atomic::Ordering::SeqCst;

use crate::control::{Control, Zeroed};
use crate::futex::{wait_until, wake_all};
use crate::semaphore::Semaphore;

#[repr(C)]
struct Room {
    door: Semaphore,
    inside: AtomicI32,
}

unsafe impl Zeroed for Room {}

/// In and out of a room for as many as there are permits. The first in it wait until it is full: as many as may be
/// inside can be. How many visits.
pub fn visits(control: &Control, permits: i32) -> i32 {
    let room: &Room = control.shared();
    for i in 0..control.iterations {
        room.door.acquire(permits);
        let inside = room.inside.fetch_add(1, SeqCst) + 1;
        if control.counter.fetch_max(inside, SeqCst) < inside {
            wake_all(&control.counter);
        }
        if inside > control.limit {
            control.errors.fetch_add(1, SeqCst);
        }
        if i == 0 {
            wait_until(&control.counter, permits);
        }
        control.total.fetch_add(1, SeqCst);
        room.inside.fetch_sub(1, SeqCst);
        room.door.release();
    }
    control.iterations
}
