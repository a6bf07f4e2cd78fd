//! Every way in which an engine says no, and the Python exception of each.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(bound, HostError, PyException, "`args` are (phase, message): it could not be done.");
create_exception!(bound, Trap, PyException, "`args` are (the engine's trap code or \"\", message).");
create_exception!(bound, UncaughtException, PyException, "`args` are (message,).");
create_exception!(bound, Exit, PyException, "`args` are (code,): WASI's `proc_exit`.");

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

/// Gives a binding's module the exceptions.
pub fn exceptions(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("HostError", py.get_type::<HostError>())?;
    module.add("Trap", py.get_type::<Trap>())?;
    module.add("UncaughtException", py.get_type::<UncaughtException>())?;
    module.add("Exit", py.get_type::<Exit>())
}

/// Does `work`; a panic of the engine becomes an error of that phase.
pub fn guarded<T>(phase: &'static str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(Failure::host(phase, format!("the engine panicked: {}", text.unwrap_or("without a message"))))
    })
}

/// Bytes that a memory has not.
pub fn outside(address: u64, length: usize, size: u64) -> Failure {
    Failure::host("memory", format!("{length} bytes at {address} are outside of a memory of {size}"))
}
