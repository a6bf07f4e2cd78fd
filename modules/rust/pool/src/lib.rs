//! Rust on a pool of workers, as programs with wasm-bindgen do it: a closure is boxed, its address is sent to a worker, whose own
//! instance of the module calls it on the memory that all share. What the workers say to each other, they say by `std::sync`.
//!
//! `begin` starts a program, `take_up` is what a worker does with what it is sent, `finish` is called when all have come back.

mod programs;

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use programs::Program;

pub const WRONG: u32 = cfg!(feature = "wrong") as u32;

type Work = Box<dyn FnOnce() + Send>;

#[wasm_bindgen(raw_module = "./pool-workers.mjs")]
unsafe extern "C" {
    /// Sends the address to that worker, which calls `take_up` with it.
    fn post(worker: u32, work: *mut Work);
}

/// Has one of the pool's workers do it.
pub fn spawn(worker: u32, work: impl FnOnce() + Send + 'static) {
    post(worker, Box::into_raw(Box::new(Box::new(work))));
}

thread_local! {
    /// What is to be said when all have come back.
    static RUNNING: RefCell<Option<Program>> = const { RefCell::new(None) };
}

#[wasm_bindgen]
pub fn begin(name: &str, workers: u32, steps: u32) -> Result<(), JsError> {
    let start = programs::named(name).ok_or_else(|| JsError::new(&format!("no program is named {name}")))?;
    RUNNING.set(Some(start(workers, steps)));
    Ok(())
}

/// # Safety
/// `work` came from `spawn`, once.
#[wasm_bindgen]
pub unsafe fn take_up(work: *mut Work) {
    // SAFETY: nobody else has the address.
    unsafe { Box::from_raw(work)() }
}

#[wasm_bindgen]
pub fn finish() -> String {
    RUNNING.take().map_or_else(String::new, |say| say())
}
