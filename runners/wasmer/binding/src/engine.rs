//! An engine (a compiler and its settings) and compiled modules.

use std::path::PathBuf;

use bound::{Failure, Grant, Outcome, guarded};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wasmer::sys::{CompilerConfig, EngineBuilder};

use crate::wasi;

#[pyclass(frozen)]
pub struct Engine {
    pub inner: wasmer::Engine,
}

/// A compiled module: may be kept, shared between threads and instantiated in any store of its engine.
#[pyclass(frozen)]
pub struct Module {
    pub inner: wasmer::Module,
}

#[pymethods]
impl Engine {
    #[new]
    fn new(compiler: &str) -> PyResult<Self> {
        let config: Box<dyn CompilerConfig> = match compiler {
            #[cfg(feature = "cranelift")]
            "cranelift" => Box::new(wasmer::sys::Cranelift::new()),
            #[cfg(feature = "singlepass")]
            "singlepass" => Box::new(wasmer::sys::Singlepass::new()),
            #[cfg(feature = "llvm")]
            "llvm" => Box::new(wasmer::sys::LLVM::new()),
            _ => return Err(PyValueError::new_err(format!("no compiler {compiler:?} in this wheel"))),
        };
        Ok(Self { inner: EngineBuilder::new(config).engine().into() })
    }

    fn compile(&self, py: Python<'_>, wasm: &[u8]) -> PyResult<Module> {
        let compile =
            || wasmer::Module::from_binary(&self.inner, wasm).map_err(|error| Failure::host("compile", error));
        Ok(Module { inner: py.detach(|| guarded("compile", compile))? })
    }

    /// The module that `Module.serialize` wrote to `path`. The file is trusted: it holds machine code.
    fn deserialize(&self, py: Python<'_>, path: PathBuf) -> PyResult<Module> {
        // SAFETY: the adapter gives paths of its own cache alone, each written whole and then renamed into place.
        let load = || unsafe { wasmer::Module::deserialize_from_file(&self.inner, &path) };
        let load = || load().map_err(|error| Failure::host("compile", error));
        Ok(Module { inner: py.detach(|| guarded("compile", load))? })
    }

    /// Runs a WASI command.
    fn run_command(&self, py: Python<'_>, module: &Module, grant: Grant) -> PyResult<Outcome> {
        Ok(py.detach(|| wasi::run(&self.inner, &module.inner, &grant))?)
    }
}

#[pymethods]
impl Module {
    /// (module, field) of each import.
    fn imports(&self) -> Vec<(String, String)> {
        self.inner.imports().map(|import| (import.module().to_owned(), import.name().to_owned())).collect()
    }

    fn serialize<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let serialize = || self.inner.serialize().map_err(|error| Failure::host("compile", error));
        let bytes = py.detach(|| guarded("compile", serialize))?;
        Ok(PyBytes::new(py, &bytes))
    }
}
