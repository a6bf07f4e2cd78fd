//! Every way in which wasmer says no, told apart once.

use std::error::Error;
use std::fmt::Write;

use bound::Failure;
use wasmer::{AsStoreMut, InstantiationError, LinkError, RuntimeError};
use wasmer_types::TrapCode;
use wasmer_wasix::{SpawnError, WasiError, WasiRuntimeError, WasiThreadError};

/// Innermost frames of a trace that a message keeps: a stack exhausted has tens of thousands.
const FRAMES: usize = 8;

/// What ended a call into wasm.
pub fn of_call(error: RuntimeError, store: &mut impl AsStoreMut) -> Failure {
    if error.is_exception() {
        return Failure::Exception { message: error.display(store).to_string() };
    }
    of_runtime(&error)
}

/// The same, where its store is out of reach.
pub fn of_runtime(error: &RuntimeError) -> Failure {
    if let Some(wasi) = error.downcast_ref::<WasiError>() {
        return of_wasi(wasi);
    }
    let message = traced(error);
    match error.clone().to_trap() {
        Some(TrapCode::UncaughtException) => Failure::Exception { message },
        Some(code) => Failure::Trap { code: code.to_string(), message },
        None if error.is_exception() => Failure::Exception { message },
        None => Failure::Trap { code: String::new(), message },
    }
}

fn of_wasi(error: &WasiError) -> Failure {
    match error {
        WasiError::Exit(code) => Failure::Exit { code: code.raw() },
        other => Failure::host("wasi", other),
    }
}

pub fn of_instantiation(error: &InstantiationError) -> Failure {
    match error {
        InstantiationError::Link(LinkError::Trap(trap)) | InstantiationError::Start(trap) => of_runtime(trap),
        InstantiationError::Link(LinkError::Import(..)) | InstantiationError::DifferentStores => {
            Failure::host("link", error)
        }
        _ => Failure::host("instantiate", error),
    }
}

/// What ended a WASI command. Its error is a chain, with what happened somewhere in it.
pub fn of_command(error: &anyhow::Error) -> Failure {
    for cause in error.chain() {
        if let Some(WasiRuntimeError::Wasi(wasi)) = cause.downcast_ref() {
            return of_wasi(wasi);
        }
        if let Some(trap) = trap_in(cause) {
            return of_runtime(trap);
        }
        // An error that it hands on, and yet leaves out of the chain.
        if let Some(SpawnError::Other(inner)) = cause.downcast_ref()
            && let Some(thread) = inner.downcast_ref()
        {
            return of_thread(thread);
        }
    }
    Failure::host("wasi", format!("{error:#}"))
}

/// What kept a command from being started.
fn of_thread(error: &WasiThreadError) -> Failure {
    match error {
        WasiThreadError::InstanceCreateFailed(error) => of_instantiation(error),
        WasiThreadError::InitFailed(error) => match error.chain().find_map(trap_in) {
            Some(trap) => of_runtime(trap),
            None => Failure::host("instantiate", format!("{error:#}")),
        },
        WasiThreadError::ExportError(_) => Failure::host("link", error),
        _ => Failure::host("instantiate", error),
    }
}

fn trap_in<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a RuntimeError> {
    match cause.downcast_ref() {
        Some(WasiRuntimeError::Runtime(trap)) => Some(trap),
        _ => cause.downcast_ref(),
    }
}

fn traced(error: &RuntimeError) -> String {
    let mut text = error.message();
    for frame in error.trace().iter().take(FRAMES) {
        let name = frame.function_name().unwrap_or("<unnamed>");
        let _ = write!(text, "\n    at {name} ([{}]:0x{:x})", frame.func_index(), frame.module_offset());
    }
    if let Some(more) = error.trace().len().checked_sub(FRAMES + 1) {
        let _ = write!(text, "\n    and {} more", more + 1);
    }
    text
}
