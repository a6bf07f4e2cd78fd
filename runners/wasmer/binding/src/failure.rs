//! Every way in which wasmer says no, told apart once, and the Python exception of each.

use std::any::Any;
use std::error::Error;
use std::fmt::Display;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::PyErr;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use wasmer::{AsStoreMut, InstantiationError, LinkError, RuntimeError};
use wasmer_types::TrapCode;
use wasmer_wasix::{SpawnError, WasiError, WasiRuntimeError, WasiThreadError};

create_exception!(wasm_matrix_wasmer, HostError, PyException, "`args` are (phase, message): it could not be done.");
create_exception!(wasm_matrix_wasmer, Trap, PyException, "`args` are (wasmer's trap code or \"\", message).");
create_exception!(wasm_matrix_wasmer, UncaughtException, PyException, "`args` are (message,).");
create_exception!(wasm_matrix_wasmer, Exit, PyException, "`args` are (code,): WASI's `proc_exit`.");

/// Innermost frames of a trace that a message keeps: a stack exhausted has tens of thousands.
const FRAMES: usize = 8;

#[derive(Debug)]
pub enum Failure {
    Host { phase: &'static str, message: String },
    Trap { code: String, message: String },
    Exception { message: String },
    Exit { code: i32 },
}

impl Failure {
    pub fn host(phase: &'static str, message: impl Display) -> Self {
        Self::Host { phase, message: message.to_string() }
    }

    /// What ended a call into wasm.
    pub fn of_call(error: RuntimeError, store: &mut impl AsStoreMut) -> Self {
        if error.is_exception() {
            return Self::Exception { message: error.display(store).to_string() };
        }
        Self::of_runtime(&error)
    }

    /// The same, where its store is out of reach.
    pub fn of_runtime(error: &RuntimeError) -> Self {
        if let Some(wasi) = error.downcast_ref::<WasiError>() {
            return Self::of_wasi(wasi);
        }
        let message = traced(error);
        match error.clone().to_trap() {
            Some(TrapCode::UncaughtException) => Self::Exception { message },
            Some(code) => Self::Trap { code: code.to_string(), message },
            None if error.is_exception() => Self::Exception { message },
            None => Self::Trap { code: String::new(), message },
        }
    }

    fn of_wasi(error: &WasiError) -> Self {
        match error {
            WasiError::Exit(code) => Self::Exit { code: code.raw() },
            other => Self::host("wasi", other),
        }
    }

    pub fn of_instantiation(error: &InstantiationError) -> Self {
        match error {
            InstantiationError::Link(LinkError::Trap(trap)) | InstantiationError::Start(trap) => Self::of_runtime(trap),
            InstantiationError::Link(LinkError::Import(..)) | InstantiationError::DifferentStores => {
                Self::host("link", error)
            }
            _ => Self::host("instantiate", error),
        }
    }

    /// What ended a WASI command. Its error is a chain, with what happened somewhere in it.
    pub fn of_command(error: &anyhow::Error) -> Self {
        for cause in error.chain() {
            if let Some(WasiRuntimeError::Wasi(wasi)) = cause.downcast_ref() {
                return Self::of_wasi(wasi);
            }
            if let Some(trap) = trap_in(cause) {
                return Self::of_runtime(trap);
            }
            // An error that it hands on, and yet leaves out of the chain.
            if let Some(SpawnError::Other(inner)) = cause.downcast_ref()
                && let Some(thread) = inner.downcast_ref()
            {
                return Self::of_thread(thread);
            }
        }
        Self::host("wasi", format!("{error:#}"))
    }

    /// What kept a command from being started.
    fn of_thread(error: &WasiThreadError) -> Self {
        match error {
            WasiThreadError::InstanceCreateFailed(error) => Self::of_instantiation(error),
            WasiThreadError::InitFailed(error) => match error.chain().find_map(trap_in) {
                Some(trap) => Self::of_runtime(trap),
                None => Self::host("instantiate", format!("{error:#}")),
            },
            WasiThreadError::ExportError(_) => Self::host("link", error),
            _ => Self::host("instantiate", error),
        }
    }

    fn of_panic(phase: &'static str, panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self::host(phase, format!("wasmer panicked: {}", text.unwrap_or("without a message")))
    }
}

/// Does `work`; a panic of wasmer becomes an error of that phase.
pub fn guarded<T>(phase: &'static str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Failure::of_panic(phase, panic.as_ref())))
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

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Host { phase, message } => HostError::new_err((phase, message)),
            Failure::Trap { code, message } => Trap::new_err((code, message)),
            Failure::Exception { message } => UncaughtException::new_err((message,)),
            Failure::Exit { code } => Exit::new_err((code,)),
        }
    }
}
