//! What our bindings of Rust engines for Python have in common: values as bits, failures told apart, stores that are used
//! with the GIL released, grants of WASI.
//!
//! `runners/bound.py` is the other side of it. Nothing here knows an engine.

mod failure;
mod store;
mod value;
mod wasi;

pub use failure::{Failure, exceptions, guarded, outside};
pub use store::Shared;
pub use value::{Bits, Functions, Plain, check};
pub use wasi::{Grant, Outcome, Preopen};
