//! Programs on what they synchronise with, each made here of atomics, `memory.atomic.wait32` and
//! `memory.atomic.notify`, on the host-neutral ABI. `modules/README.md` gives the control block and what each program
//! must do.
//!
//! With the feature `wrong` this is the deliberately wrong twin: see `wrong.rs`.

#![no_std]
#![feature(stdarch_wasm_atomic_wait)]
#![cfg_attr(feature = "wrong", allow(dead_code))] // it leaves out what it should use

mod barrier;
mod condition;
mod control;
mod deque;
mod futex;
mod lock;
mod mandelbrot;
mod once;
#[cfg_attr(feature = "wrong", path = "wrong.rs")]
mod programs;
mod queue;
mod room;
mod rwlock;
mod semaphore;
mod spinlock;
mod values;

use control::Control;

/// Worker `tid` of the program in the control block at `arg`; what it returns hangs on the program.
///
/// # Safety
/// `arg` is the address of a control block that lives as long as all workers, and its data lie where it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn thread_entry(tid: i32, arg: *const Control) -> i32 {
    let control = unsafe { &*arg };
    match control.job {
        5 => programs::condition(control, tid),
        6 => programs::semaphore(control, tid),
        7 => programs::rwlock(control, tid),
        8 => programs::once(control, tid),
        9 => programs::spinlock(control, tid),
        10 => programs::spsc(control, tid),
        11 => programs::mpmc(control, tid),
        12 => programs::stealing(control, tid),
        13 => programs::sort(control, tid),
        14 => programs::mandelbrot(control, tid),
        15 => programs::matmul(control, tid),
        _ => -1,
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
