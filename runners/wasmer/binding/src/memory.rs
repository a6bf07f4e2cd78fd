//! Linear memories. Addresses and lengths in bytes; outside of the memory: HostError of phase `memory`.

use bound::{Failure, outside};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wasmer::{AsStoreRef, MemoryType};

use crate::engine::Engine;
use crate::store::Shared;

/// A memory of one store.
#[pyclass(frozen)]
pub struct Memory {
    shared: Shared,
    inner: wasmer::Memory,
}

/// A memory that every store may import. It has a store of its own, in which no code ever runs: the host reads and
/// writes it while threads are in wasm.
#[pyclass(frozen)]
pub struct SharedMemory {
    own: Memory,
    inner: wasmer::SharedMemory,
}

impl Memory {
    pub fn new(shared: Shared, inner: wasmer::Memory) -> Self {
        Self { shared, inner }
    }

    pub fn inner(&self) -> &wasmer::Memory {
        &self.inner
    }
}

impl SharedMemory {
    pub fn inner(&self) -> &wasmer::SharedMemory {
        &self.inner
    }
}

fn read(memory: &wasmer::Memory, store: &impl AsStoreRef, address: u64, length: usize) -> Result<Vec<u8>, Failure> {
    let view = memory.view(store);
    // Asked first: nothing is allocated for a length that no memory has.
    if address.checked_add(length as u64).is_none_or(|end| end > view.data_size()) {
        return Err(outside(address, length, view.data_size()));
    }
    let mut bytes = vec![0; length];
    view.read(address, &mut bytes).map_err(|error| Failure::host("memory", error))?;
    Ok(bytes)
}

#[pymethods]
impl Memory {
    fn pages(&self, py: Python<'_>) -> PyResult<u32> {
        self.shared.with(py, "memory", |state| Ok(self.inner.view(&state.store).size().0))
    }

    fn read<'py>(&self, py: Python<'py>, address: u64, length: usize) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.shared.with(py, "memory", |state| read(&self.inner, &state.store, address, length))?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn write(&self, py: Python<'_>, address: u64, data: &[u8]) -> PyResult<()> {
        self.shared.with(py, "memory", |state| {
            let view = self.inner.view(&state.store);
            view.write(address, data).map_err(|_| outside(address, data.len(), view.data_size()))
        })
    }
}

#[pymethods]
impl SharedMemory {
    /// Sizes in pages of 64 KiB.
    #[new]
    fn new(py: Python<'_>, engine: &Engine, minimum: u32, maximum: u32) -> PyResult<Self> {
        let shared = Shared::new(&engine.inner);
        let (memory, inner) = shared.with(py, "memory", |state| {
            let memory = wasmer::Memory::new(&mut state.store, MemoryType::new(minimum, Some(maximum), true))
                .map_err(|error| Failure::host("memory", error))?;
            let inner =
                memory.as_shared(&state.store).ok_or_else(|| Failure::host("memory", "wasmer cannot share it"))?;
            Ok((memory, inner))
        })?;
        Ok(Self { own: Memory::new(shared, memory), inner })
    }

    fn pages(&self, py: Python<'_>) -> PyResult<u32> {
        self.own.pages(py)
    }

    fn read<'py>(&self, py: Python<'py>, address: u64, length: usize) -> PyResult<Bound<'py, PyBytes>> {
        self.own.read(py, address, length)
    }

    fn write(&self, py: Python<'_>, address: u64, data: &[u8]) -> PyResult<()> {
        self.own.write(py, address, data)
    }
}
