//! Every way in which wasmi says no, told apart once, and the Python exception of each.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::PyErr;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use wasmi::Error;
use wasmi::errors::{ErrorKind, InstantiationError};

create_exception!(wasm_matrix_wasmi, HostError, PyException, "`args` are (phase, message): it could not be done.");
create_exception!(wasm_matrix_wasmi, Trap, PyException, "`args` are (wasmi's trap code or \"\", message).");
create_exception!(wasm_matrix_wasmi, Exit, PyException, "`args` are (code,): WASI's `proc_exit`.");

#[derive(Debug)]
pub enum Failure {
    Host { phase: &'static str, message: String },
    Trap { code: String, message: String },
    Exit { code: i32 },
}

impl Failure {
    pub fn host(phase: &'static str, message: impl Display) -> Self {
        Self::Host { phase, message: message.to_string() }
    }

    /// What ended a call into wasm; where it is no trap and no exit, an error of `phase`.
    pub fn of(phase: &'static str, error: &Error) -> Self {
        if let Some(code) = error.i32_exit_status() {
            return Self::Exit { code };
        }
        if let Some(code) = error.as_trap_code() {
            return Self::Trap { code: format!("{code:?}"), message: error.to_string() };
        }
        // A host function of WASI that gave up, too.
        Self::host(phase, error)
    }

    pub fn of_instantiation(error: &Error) -> Self {
        use InstantiationError as Wrong;
        match error.kind() {
            ErrorKind::Linker(_) => Self::host("link", error),
            ErrorKind::Instantiation(wrong) => match wrong {
                Wrong::ElementSegmentDoesNotFit { .. } => {
                    Self::Trap { code: "TableOutOfBounds".to_owned(), message: error.to_string() }
                }
                Wrong::MismatchedNumberOfImports { .. }
                | Wrong::ImportTypeMismatch { .. }
                | Wrong::GlobalTypeMismatch { .. }
                | Wrong::FuncTypeMismatch { .. }
                | Wrong::TableTypeMismatch { .. }
                | Wrong::MemoryTypeMismatch { .. } => Self::host("link", error),
                _ => Self::host("instantiate", error),
            },
            _ => Self::of("instantiate", error),
        }
    }
}

/// Does `work`; a panic of wasmi becomes an error of that phase.
pub fn guarded<T>(phase: &'static str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(Failure::host(phase, format!("wasmi panicked: {}", text.unwrap_or("without a message"))))
    })
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Host { phase, message } => HostError::new_err((phase, message)),
            Failure::Trap { code, message } => Trap::new_err((code, message)),
            Failure::Exit { code } => Exit::new_err((code,)),
        }
    }
}
