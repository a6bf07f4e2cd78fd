//! A store's state, as all its handles have it.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;

use crate::failure::{Failure, guarded};

/// One state of many handles. It ends with the last of them.
pub struct Shared<S>(Arc<Mutex<S>>);

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Send> Shared<S> {
    pub fn new(state: S) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// Does `work` with the state, the GIL released: other Python threads go on while wasm runs in this one.
    pub fn with<T: Send>(
        &self,
        py: Python<'_>,
        phase: &'static str,
        work: impl FnOnce(&mut S) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        let work = AssertUnwindSafe(work);
        Ok(py.detach(move || {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            guarded(phase, || work.0(&mut state))
        })?)
    }
}
