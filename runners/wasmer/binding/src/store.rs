//! A store: where instances live that may import from each other. One for each script, and one more for each of its
//! threads.

use std::collections::HashMap;

use bound::{Failure, Functions, Grant};
use pyo3::prelude::*;
use wasmer::{Function, Imports, MemoryType};

use crate::engine::{Engine, Module};
use crate::failure;
use crate::instance::Instance;
use crate::memory::{Memory, SharedMemory};
use crate::wasi;

/// A store with what must live as long as it does, and no longer. Fields are dropped in this order.
pub struct State {
    pub store: wasmer::Store,
    pub functions: Functions<Function>,
    /// The executor of the WASI calls of this store's instances; made for the first that has any.
    pub executor: Option<tokio::runtime::Runtime>,
}

// SAFETY: wasmer's store is not Send because it holds raw pointers: to instances, tables and globals that it owns
// itself, and that none but its own handles lead to. It is reached through the mutex below alone, so that one thread at
// a time is in it; nothing of it is bound to the thread that made it (a call takes its stack anew).
unsafe impl Send for State {}

#[derive(Clone)]
pub struct Shared(bound::Shared<State>);

impl Shared {
    pub fn new(engine: &wasmer::Engine) -> Self {
        let store = wasmer::Store::new(engine.clone());
        Self(bound::Shared::new(State { store, functions: Functions::default(), executor: None }))
    }

    /// Does `work` with the store, within its executor, the GIL released.
    pub fn with<T: Send>(
        &self,
        py: Python<'_>,
        phase: &'static str,
        work: impl FnOnce(&mut State) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        self.0.with(py, phase, |state| {
            let executor = state.executor.as_ref().map(|executor| executor.handle().clone());
            let _entered = executor.as_ref().map(|handle| handle.enter());
            work(state)
        })
    }
}

/// An export of an instance: good as an import of another instance of the same store.
#[pyclass(frozen)]
pub struct Extern {
    pub inner: wasmer::Extern,
}

#[derive(FromPyObject)]
enum Import<'py> {
    Extern(Bound<'py, Extern>),
    Memory(Bound<'py, Memory>),
    Shared(Bound<'py, SharedMemory>),
}

#[pyclass(frozen)]
pub struct Store {
    shared: Shared,
    engine: wasmer::Engine,
}

#[pymethods]
impl Store {
    #[new]
    fn new(engine: &Engine) -> Self {
        Self { shared: Shared::new(&engine.inner), engine: engine.inner.clone() }
    }

    /// An unshared memory; sizes in pages of 64 KiB.
    #[pyo3(signature = (minimum, maximum=None))]
    fn memory(&self, py: Python<'_>, minimum: u32, maximum: Option<u32>) -> PyResult<Memory> {
        let ty = MemoryType::new(minimum, maximum, false);
        let memory = self.shared.with(py, "memory", |state| {
            wasmer::Memory::new(&mut state.store, ty).map_err(|error| Failure::host("memory", error))
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
        enum Source {
            Here(wasmer::Extern),
            Elsewhere(wasmer::SharedMemory),
        }
        let sources: Vec<_> = imports
            .into_iter()
            .map(|(name, import)| {
                let source = match import {
                    Import::Extern(handle) => Source::Here(handle.get().inner.clone()),
                    Import::Memory(memory) => Source::Here(memory.get().inner().clone().into()),
                    Import::Shared(memory) => Source::Elsewhere(memory.get().inner().clone()),
                };
                (name, source)
            })
            .collect();
        let instance = self.shared.with(py, "instantiate", |state| {
            let mut imports = Imports::new();
            for ((module, field), source) in sources {
                let import = match source {
                    Source::Here(handle) => handle,
                    Source::Elsewhere(memory) => memory.attach(&mut state.store).into(),
                };
                imports.define(&module, &field, import);
            }
            match grant {
                Some(grant) => wasi::instantiate(&self.engine, state, &module.inner, imports, &grant),
                None => wasmer::Instance::new(&mut state.store, &module.inner, &imports)
                    .map_err(|error| failure::of_instantiation(&error)),
            }
        })?;
        Ok(Instance::new(self.shared.clone(), instance))
    }
}
