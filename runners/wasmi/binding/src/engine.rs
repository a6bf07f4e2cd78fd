//! An engine with all proposals that wasmi has, and compiled modules.

use bound::{Failure, Grant, Outcome, guarded};
use pyo3::prelude::*;
use wasmi::Config;

use crate::wasi;

/// Calls that may be within each other.
const MOST_CALLS: usize = 16_384;

/// Bytes of locals and operands that these may have.
const STACK: usize = 8 << 20;

#[pyclass(frozen)]
pub struct Engine {
    pub inner: wasmi::Engine,
}

/// A validated module, its functions translated when they are first called: may be kept and instantiated in any store of
/// its engine.
#[pyclass(frozen)]
pub struct Module {
    pub inner: wasmi::Module,
}

#[pymethods]
impl Engine {
    #[new]
    fn new() -> Self {
        let mut config = Config::default();
        // Off by default; all others are on.
        config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true);
        // The defaults (1000 calls, 1 MB) end programs that every other engine runs. The stack is on the heap.
        config.set_max_recursion_depth(MOST_CALLS).set_max_stack_height(STACK);
        Self { inner: wasmi::Engine::new(&config) }
    }

    fn compile(&self, py: Python<'_>, wasm: &[u8]) -> PyResult<Module> {
        let compile = || wasmi::Module::new(&self.inner, wasm).map_err(|error| Failure::host("compile", error));
        Ok(Module { inner: py.detach(|| guarded("compile", compile))? })
    }

    /// Runs a WASI command.
    fn run_command(&self, py: Python<'_>, module: &Module, grant: Grant) -> PyResult<Outcome> {
        Ok(py.detach(|| guarded("wasi", || wasi::run(&self.inner, &module.inner, &grant)))?)
    }
}

#[pymethods]
impl Module {
    /// (module, field) of each import.
    fn imports(&self) -> Vec<(String, String)> {
        self.inner.imports().map(|import| (import.module().to_owned(), import.name().to_owned())).collect()
    }
}
