//! wasmer for Python, as thin as the matrix needs it: values as bits, every failure told apart, the GIL released while
//! wasm runs.
//!
//! `runners/wasmer/adapter.py` is its only user; the classes here know nothing of cases or of the protocol.

mod engine;
mod failure;
mod instance;
mod memory;
mod runtime;
mod store;
mod value;
mod wasi;

use pyo3::prelude::*;

/// The release of wasmer-wasix; `tests/runners/test_wasmer_build.py` holds it against Cargo.lock.
const WASIX: &str = "0.704.2";

#[pymodule]
fn wasm_matrix_wasmer(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("WASIX", WASIX)?;
    module.add_class::<engine::Engine>()?;
    module.add_class::<engine::Module>()?;
    module.add_class::<store::Store>()?;
    module.add_class::<store::Extern>()?;
    module.add_class::<instance::Instance>()?;
    module.add_class::<memory::Memory>()?;
    module.add_class::<memory::SharedMemory>()?;
    bound::exceptions(module)
}
