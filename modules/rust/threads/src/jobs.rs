//! What the workers do.

use core::sync::atomic::Ordering::SeqCst;

use crate::control::Control;
use crate::futex::{lock, meet, unlock};

/// Atomic increments; how many it made.
pub fn counter(control: &Control, _tid: i32) -> i32 {
    for _ in 0..control.iterations {
        control.counter.fetch_add(1, SeqCst);
    }
    control.iterations
}

/// Rounds: say the round, meet, look whether all have said it, meet. How many rounds it made.
pub fn barrier(control: &Control, tid: i32) -> i32 {
    let meet = || meet(&control.arrived, &control.generation, control.workers);
    for round in 1..=control.iterations {
        unsafe { *control.slot(tid) = round };
        meet();
        for other in 0..control.workers {
            if unsafe { *control.slot(other) } != round {
                control.errors.fetch_add(1, SeqCst);
            }
        }
        meet();
    }
    control.iterations
}

/// Plain additions to the total, each under the lock; how many it made.
pub fn mutex(control: &Control, _tid: i32) -> i32 {
    for _ in 0..control.iterations {
        lock(&control.lock);
        unsafe { *control.total() += 1 };
        unlock(&control.lock);
    }
    control.iterations
}

/// Adds the sum over its part of the data, in `iterations` passes, to the total.
pub fn reduce(control: &Control, tid: i32) -> i32 {
    let mut sum = 0;
    for pass in 0..control.iterations {
        for value in control.part(tid) {
            sum += i64::from(value ^ pass);
        }
    }
    control.atomic_total().fetch_add(sum, SeqCst);
    0
}
