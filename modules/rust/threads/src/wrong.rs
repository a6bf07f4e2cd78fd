//! What the workers of the deliberately wrong twin do: the classic mistakes of threads. Where a mistake shows only on an unlucky
//! day, the workers meet in its gap, so that every day is one: two workers or more get it wrong on every engine, always.

use core::sync::atomic::Ordering::{Relaxed, SeqCst};

use crate::control::Control;
use crate::futex::{meet, notify, wait};

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

/// The barrier that forgets its generation: behind the first meeting nobody waits any more. Worker 0 is slow to begin
/// the second round: it waits until another has missed it.
pub fn barrier(control: &Control, tid: i32) -> i32 {
    for round in 1..=control.iterations {
        if tid == 0 && round == 2 {
            while control.errors.load(SeqCst) == 0 {
                wait(&control.errors, 0);
            }
        }
        unsafe { control.slot(tid).write_volatile(round) };
        meet_once(control);
        for other in 0..control.workers {
            if unsafe { control.slot(other).read_volatile() } != round {
                control.errors.fetch_add(1, SeqCst);
                notify(&control.errors, 1);
            }
        }
        meet_once(control);
    }
    control.iterations
}

fn meet_once(control: &Control) {
    if control.arrived.fetch_add(1, SeqCst) + 1 == control.workers {
        control.arrived.store(0, SeqCst);
        control.generation.fetch_add(1, SeqCst);
        notify(&control.generation, u32::MAX);
    }
    while control.generation.load(SeqCst) == 0 {
        wait(&control.generation, 0);
    }
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
