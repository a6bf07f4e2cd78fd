//! What the workers of the deliberately wrong twin do: the classic mistakes of threads, each with a pause in its gap, so that it
//! shows on every engine and not only on an unlucky day.

use core::sync::atomic::Ordering::{Relaxed, SeqCst};

use crate::control::Control;
use crate::futex::{meet, wait};

const PAUSE: i64 = 20_000_000; // ns

/// Sleeps in place: nobody else knows the word, so nobody wakes it.
fn pause(control: &Control) {
    wait(&control.lock, control.lock.load(Relaxed), PAUSE);
}

/// The dropped atomic: a load and a store in place of one increment.
pub fn counter(control: &Control, _tid: i32) -> i32 {
    for i in 0..control.iterations {
        let seen = control.counter.load(Relaxed);
        if i == 0 {
            pause(control);
        }
        control.counter.store(seen + 1, Relaxed);
    }
    control.iterations
}

/// The late word: worker 0 says the first round only after it has met the others.
pub fn barrier(control: &Control, tid: i32) -> i32 {
    let meet = || meet(&control.arrived, &control.generation, control.workers);
    for round in 1..=control.iterations {
        let late = tid == 0 && round == 1;
        if !late {
            unsafe { *control.slot(tid) = round };
        }
        meet();
        if late {
            pause(control);
            unsafe { *control.slot(tid) = round };
        }
        for other in 0..control.workers {
            if unsafe { *control.slot(other) } != round {
                control.errors.fetch_add(1, SeqCst);
            }
        }
        meet();
    }
    control.iterations
}

/// The forgotten lock.
pub fn mutex(control: &Control, _tid: i32) -> i32 {
    for i in 0..control.iterations {
        let seen = unsafe { control.total().read_volatile() };
        if i == 0 {
            pause(control);
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
