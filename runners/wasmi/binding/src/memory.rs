//! Linear memories. Addresses and lengths in bytes; outside of the memory: HostError of phase `memory`.

use bound::outside;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::store::Shared;

#[pyclass(frozen)]
pub struct Memory {
    shared: Shared,
    inner: wasmi::Memory,
}

impl Memory {
    pub fn new(shared: Shared, inner: wasmi::Memory) -> Self {
        Self { shared, inner }
    }

    pub fn inner(&self) -> wasmi::Memory {
        self.inner
    }
}

#[pymethods]
impl Memory {
    fn pages(&self, py: Python<'_>) -> PyResult<u64> {
        self.shared.with(py, "memory", |state| Ok(self.inner.size(state)))
    }

    fn read<'py>(&self, py: Python<'py>, address: usize, length: usize) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.shared.with(py, "memory", |state| {
            let data = self.inner.data(state);
            let range = address..address.saturating_add(length);
            data.get(range).map(<[u8]>::to_vec).ok_or_else(|| outside(address as u64, length, data.len() as u64))
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn write(&self, py: Python<'_>, address: usize, data: &[u8]) -> PyResult<()> {
        self.shared.with(py, "memory", |state| {
            let all = self.inner.data_mut(state);
            let size = all.len();
            let range = address..address.saturating_add(data.len());
            all.get_mut(range).ok_or_else(|| outside(address as u64, data.len(), size as u64))?.copy_from_slice(data);
            Ok(())
        })
    }
}
