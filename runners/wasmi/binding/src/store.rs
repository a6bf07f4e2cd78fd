//! A store: where instances live that may import from each other. One for each script.

use std::collections::HashMap;

use bound::{Failure, Functions, Grant};
use pyo3::prelude::*;
use wasmi::{Func, Linker, MemoryType};
use wasmi_wasi::WasiCtx;

use crate::engine::{Engine, Module};
use crate::failure;
use crate::instance::Instance;
use crate::memory::Memory;
use crate::wasi;

/// What belongs to a store beside its instances.
#[derive(Default)]
pub struct Own {
    pub functions: Functions<Func>,
    /// One for each instance that imports WASI: each has the grant that it was given.
    pub wasi: Vec<WasiCtx>,
}

pub type State = wasmi::Store<Own>;
pub type Shared = bound::Shared<State>;

/// An export of an instance: good as an import of another instance of the same store.
#[pyclass(frozen)]
pub struct Extern {
    pub inner: wasmi::Extern,
}

#[derive(FromPyObject)]
enum Import<'py> {
    Extern(Bound<'py, Extern>),
    Memory(Bound<'py, Memory>),
}

#[pyclass(frozen)]
pub struct Store {
    shared: Shared,
    engine: wasmi::Engine,
}

#[pymethods]
impl Store {
    #[new]
    fn new(engine: &Engine) -> Self {
        Self { shared: Shared::new(State::new(&engine.inner, Own::default())), engine: engine.inner.clone() }
    }

    /// A memory; sizes in pages of 64 KiB.
    #[pyo3(signature = (minimum, maximum=None))]
    fn memory(&self, py: Python<'_>, minimum: u32, maximum: Option<u32>) -> PyResult<Memory> {
        let memory = self.shared.with(py, "memory", |state| {
            let mut ty = MemoryType::builder();
            ty.min(minimum.into()).max(maximum.map(u64::from));
            let ty = ty.build().map_err(|error| Failure::host("memory", error))?;
            wasmi::Memory::new(state, ty).map_err(|error| Failure::host("memory", error))
        })?;
        Ok(Memory::new(self.shared.clone(), memory))
    }

    /// `imports` by (module, field); `grant` where the module imports WASI.
    #[pyo3(signature = (module, imports, grant=None))]
    fn instantiate(
        &self,
        py: Python<'_>,
        module: &Module,
        imports: HashMap<(String, String), Import<'_>>,
        grant: Option<Grant>,
    ) -> PyResult<Instance> {
        let given: Vec<_> = imports
            .into_iter()
            .map(|(name, import)| match import {
                Import::Extern(handle) => (name, handle.get().inner),
                Import::Memory(memory) => (name, memory.get().inner().into()),
            })
            .collect();
        let instance = self.shared.with(py, "instantiate", |state| {
            let mut linker = Linker::new(&self.engine);
            linker.allow_shadowing(true); // what a script registers hides what is there
            if let Some(grant) = grant {
                wasi::link(&mut linker, state, &grant)?;
            }
            for ((module, field), item) in given {
                linker.define(&module, &field, item).map_err(|error| Failure::host("link", error))?;
            }
            let made = linker.instantiate_and_start(state, &module.inner);
            made.map_err(|error| failure::of_instantiation(&error))
        })?;
        Ok(Instance::new(self.shared.clone(), instance))
    }
}
