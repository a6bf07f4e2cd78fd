//! What each thread has of its own and what all share, on the host-neutral ABI: `modules/README.md` gives the control block
//! and what each job must do.

#![no_std]
#![feature(stdarch_wasm_atomic_wait, thread_local)]

mod control;
mod late;
mod locals;
mod stacks;

use control::Control;

/// Worker `tid` of the job in the control block at `arg`; what it returns hangs on the job.
///
/// # Safety
/// `arg` is the address of a control block that lives as long as all workers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn thread_entry(tid: i32, arg: *const Control) -> i32 {
    let control = unsafe { &*arg };
    match control.job {
        16 => stacks::stacks(control, tid),
        17 => locals::locals(control, tid),
        18 => late::late(control, tid),
        _ => -1,
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
