//! wasmi for Python, as thin as the matrix needs it: values as bits, every failure told apart, the GIL released while
//! wasm runs.
//!
//! `runners/wasmi/adapter.py` is its only user; the classes here know nothing of cases or of the protocol.

mod engine;
mod failure;
mod instance;
mod memory;
mod store;
mod value;
mod wasi;

use pyo3::prelude::*;

#[pymodule]
fn wasm_matrix_wasmi(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<engine::Engine>()?;
    module.add_class::<engine::Module>()?;
    module.add_class::<store::Store>()?;
    module.add_class::<store::Extern>()?;
    module.add_class::<instance::Instance>()?;
    module.add_class::<memory::Memory>()?;
    bound::exceptions(module)
}
