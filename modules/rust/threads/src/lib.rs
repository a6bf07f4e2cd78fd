//! The threaded jobs of the compiled set on the host-neutral ABI: the host makes the memory and the threads, this module the
//! work. `modules/README.md` gives the control block and what each job must do.
//!
//! With the feature `wrong` this is the deliberately wrong twin: see `wrong.rs`.

#![no_std]
#![feature(stdarch_wasm_atomic_wait)]

mod control;
#[cfg_attr(feature = "wrong", allow(dead_code))] // its mutex forgets the lock
mod futex;
#[cfg_attr(feature = "wrong", path = "wrong.rs")]
mod jobs;

use control::Control;

/// Worker `tid` of the job in the control block at `arg`; what it returns hangs on the job.
///
/// # Safety
/// `arg` is the address of a control block that lives as long as all workers, and its data lie where it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn thread_entry(tid: i32, arg: *const Control) -> i32 {
    let control = unsafe { &*arg };
    match control.job {
        1 => jobs::counter(control, tid),
        2 => jobs::barrier(control, tid),
        3 => jobs::mutex(control, tid),
        4 => jobs::reduce(control, tid),
        _ => -1,
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
