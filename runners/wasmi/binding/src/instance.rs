//! An instance: calls, globals, exports.

use std::collections::HashMap;

use bound::{Failure, Plain, check};
use pyo3::prelude::*;
use wasmi::Val;

use crate::failure;
use crate::memory::Memory;
use crate::store::{Extern, Shared};
use crate::value::{decode, encode, name};

#[pyclass(frozen)]
pub struct Instance {
    shared: Shared,
    inner: wasmi::Instance,
}

impl Instance {
    pub fn new(shared: Shared, inner: wasmi::Instance) -> Self {
        Self { shared, inner }
    }
}

#[pymethods]
impl Instance {
    /// Calls an exported function; its results. Raises Trap, Exit, and HostError of phase `call` when there is no such
    /// function or the arguments are not of its types.
    fn invoke(&self, py: Python<'_>, field: &str, args: Vec<Plain>) -> PyResult<Vec<Plain>> {
        self.shared.with(py, "call", |state| {
            let function = self.inner.get_func(&*state, field);
            let function = function.ok_or_else(|| Failure::host("call", format!("no exported function {field:?}")))?;
            let ty = function.ty(&*state);
            check(field, &ty.params().iter().copied().map(name).collect::<Vec<_>>(), &args)?;
            let values: Vec<_> = args.iter().map(|arg| decode(state, arg)).collect::<Result<_, _>>()?;
            let mut results: Vec<_> = ty.results().iter().copied().map(Val::default_for_ty).collect();
            function.call(&mut *state, &values, &mut results).map_err(|error| failure::of("call", &error))?;
            results.iter().map(|value| encode(state, value)).collect()
        })
    }

    /// The value of an exported global; None where there is no global of that name.
    fn get(&self, py: Python<'_>, field: &str) -> PyResult<Option<Plain>> {
        self.shared.with(py, "call", |state| {
            let Some(global) = self.inner.get_global(&*state, field) else {
                return Ok(None);
            };
            let value = global.get(&*state);
            encode(state, &value).map(Some)
        })
    }

    fn set(&self, py: Python<'_>, field: &str, value: Plain) -> PyResult<()> {
        self.shared.with(py, "call", |state| {
            let global = self.inner.get_global(&*state, field);
            let global = global.ok_or_else(|| Failure::host("call", format!("no exported global {field:?}")))?;
            let value = decode(state, &value)?;
            global.set(state, value).map_err(|error| Failure::host("call", error))
        })
    }

    /// The memory exported as `memory`, or the only one exported.
    fn memory(&self, py: Python<'_>) -> PyResult<Option<Memory>> {
        let found = self.shared.with(py, "memory", |state| {
            Ok(self.inner.get_memory(&*state, "memory").or_else(|| {
                let mut memories = self.inner.exports(&*state).filter_map(|export| export.into_memory());
                memories.next().filter(|_| memories.next().is_none())
            }))
        })?;
        Ok(found.map(|memory| Memory::new(self.shared.clone(), memory)))
    }

    fn exports(&self, py: Python<'_>) -> PyResult<HashMap<String, Extern>> {
        self.shared.with(py, "call", |state| {
            let exports = self.inner.exports(&*state);
            Ok(exports.map(|export| (export.name().to_owned(), Extern { inner: export.into_extern() })).collect())
        })
    }
}
