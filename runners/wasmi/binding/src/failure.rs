//! Every way in which wasmi says no, told apart once.

use bound::Failure;
use wasmi::Error;
use wasmi::errors::{ErrorKind, InstantiationError};

/// What ended a call into wasm; where it is no trap and no exit, an error of `phase`.
pub fn of(phase: &'static str, error: &Error) -> Failure {
    if let Some(code) = error.i32_exit_status() {
        return Failure::Exit { code };
    }
    if let Some(code) = error.as_trap_code() {
        return Failure::Trap { code: format!("{code:?}"), message: error.to_string() };
    }
    // A host function of WASI that gave up, too.
    Failure::host(phase, error)
}

pub fn of_instantiation(error: &Error) -> Failure {
    use InstantiationError as Wrong;
    match error.kind() {
        ErrorKind::Linker(_) => Failure::host("link", error),
        ErrorKind::Instantiation(wrong) => match wrong {
            Wrong::ElementSegmentDoesNotFit { .. } => {
                Failure::Trap { code: "TableOutOfBounds".to_owned(), message: error.to_string() }
            }
            Wrong::MismatchedNumberOfImports { .. }
            | Wrong::ImportTypeMismatch { .. }
            | Wrong::GlobalTypeMismatch { .. }
            | Wrong::FuncTypeMismatch { .. }
            | Wrong::TableTypeMismatch { .. }
            | Wrong::MemoryTypeMismatch { .. } => Failure::host("link", error),
            _ => Failure::host("instantiate", error),
        },
        _ => of("instantiate", error),
    }
}
