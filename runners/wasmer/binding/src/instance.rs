//! An instance: calls, globals, exports.

use std::collections::HashMap;

use bound::{Failure, Plain, check};
use pyo3::prelude::*;
use wasmer::Extern as Export;

use crate::failure;
use crate::memory::Memory;
use crate::store::{Extern, Shared};
use crate::value::{decode, encode, name};

#[pyclass(frozen)]
pub struct Instance {
    shared: Shared,
    inner: wasmer::Instance,
}

impl Instance {
    pub fn new(shared: Shared, inner: wasmer::Instance) -> Self {
        Self { shared, inner }
    }
}

#[pymethods]
impl Instance {
    /// Calls an exported function; its results. Raises Trap, UncaughtException, Exit, and HostError of phase `call`
    /// when there is no such function or the arguments are not of its types.
    fn invoke(&self, py: Python<'_>, field: &str, args: Vec<Plain>) -> PyResult<Vec<Plain>> {
        self.shared.with(py, "call", |state| {
            let Some(Export::Function(function)) = self.inner.exports.get_extern(field) else {
                return Err(Failure::host("call", format!("no exported function {field:?}")));
            };
            let ty = function.ty(&state.store);
            check(field, &ty.params().iter().copied().map(name).collect::<Vec<_>>(), &args)?;
            let values: Vec<_> = args.iter().map(|arg| decode(state, arg)).collect::<Result<_, _>>()?;
            match function.call(&mut state.store, &values) {
                Ok(results) => results.iter().map(|value| encode(state, value)).collect(),
                Err(error) => Err(failure::of_call(error, &mut state.store)),
            }
        })
    }

    /// The value of an exported global; None where there is no global of that name.
    fn get(&self, py: Python<'_>, field: &str) -> PyResult<Option<Plain>> {
        self.shared.with(py, "call", |state| {
            let Some(Export::Global(global)) = self.inner.exports.get_extern(field) else {
                return Ok(None);
            };
            let value = global.get(&mut state.store);
            encode(state, &value).map(Some)
        })
    }

    fn set(&self, py: Python<'_>, field: &str, value: Plain) -> PyResult<()> {
        self.shared.with(py, "call", |state| {
            let Some(Export::Global(global)) = self.inner.exports.get_extern(field) else {
                return Err(Failure::host("call", format!("no exported global {field:?}")));
            };
            let value = decode(state, &value)?;
            global.set(&mut state.store, value).map_err(|error| Failure::host("call", error.message()))
        })
    }

    /// The memory exported as `memory`, or the only one exported.
    fn memory(&self) -> Option<Memory> {
        let exports = &self.inner.exports;
        let memory = exports.get_memory("memory").ok().or_else(|| {
            let mut memories = exports.iter().memories().map(|(_, memory)| memory);
            memories.next().filter(|_| memories.next().is_none())
        })?;
        Some(Memory::new(self.shared.clone(), memory.clone()))
    }

    fn exports(&self) -> HashMap<String, Extern> {
        let exports = self.inner.exports.iter();
        exports.map(|(name, export)| (name.clone(), Extern { inner: export.clone() })).collect()
    }
}
