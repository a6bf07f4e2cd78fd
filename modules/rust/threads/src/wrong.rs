//! What the workers of the deliberately wrong twin do: the classic mistakes of threads. Where a mistake shows only on an unlucky
//! day, the workers meet in its gap, so that every day is one: two workers or more get it wrong on every engine, always.

use core::sync::atomic::Ordering::{Relaxed, SeqCst};

use crate::control::Control;
use crate::futex::meet;

fn meet_all(control: &Control) {
    meet(&control.arrived, &control.generation, control.workers);
}

/// The dropped atomic: a load and a store in place of one increment.
pub fn counter(control: &Control, _tid: i32) -> i32 {
    for i in 0..control.iterations {
        let seen = control.counter.load(Relaxed);
        if i == 0 {
            meet_all(control);
        }
        control.counter.store(seen + 1, Relaxed);
    }
    control.iterations
}

/// The late word: worker 0 says the first round only when it is over.
pub fn barrier(control: &Control, tid: i32) -> i32 {
    for round in 1..=control.iterations {
        let late = tid == 0 && round == 1;
        if !late {
            unsafe { *control.slot(tid) = round };
        }
        meet_all(control);
        if !late {
            for other in 0..control.workers {
                if unsafe { *control.slot(other) } != round {
                    control.errors.fetch_add(1, SeqCst);
                }
            }
        }
        meet_all(control);
        if late {
            unsafe { *control.slot(tid) = round };
        }
    }
    control.iterations
}

/// The forgotten lock.
pub fn mutex(control: &Control, _tid: i32) -> i32 {
    for i in 0..control.iterations {
        let seen = unsafe { control.total().read_volatile() };
        if i == 0 {
            meet_all(control);
        }
        unsafe { control.total().write_volatile(seen + 1) };
    }
    control.iterations
}

/// The border that belongs to nobody: each part lacks its last value.
pub fn reduce(control: &Control, tid: i32) -> i32 {
    let mut sum = 0;
    for pass in 0..control.iterations {
        if let Some((_, part)) = control.part(tid).split_last() {
            for value in part {
                sum += i64::from(value ^ pass);
            }
        }
    }
    control.atomic_total().fetch_add(sum, SeqCst);
    0
}
