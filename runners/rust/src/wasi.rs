//! What a WASI module gets, and how a command ends.

use std::collections::HashMap;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::failure::Failure;

/// `runners.engine.Grant`, with its mapping as a dict: what a module may have of the outside.
#[derive(FromPyObject)]
pub struct Grant {
    pub args: Vec<String>,
    pub env: HashMap<String, String>,
    pub stdin: Vec<u8>,
    pub preopens: Vec<Preopen>,
}

#[derive(FromPyObject)]
pub struct Preopen {
    pub guest: String,
    pub path: PathBuf,
}

/// How a command ended, and what it printed. In Python: its exit code or else the exception that ended it, stdout, stderr.
pub struct Outcome {
    pub ended: Result<i32, Failure>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl<'py> IntoPyObject<'py> for Outcome {
    type Target = PyTuple;
    type Output = Bound<'py, PyTuple>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let (exit, ended) = match self.ended {
            Ok(code) => (Some(code), None),
            Err(failure) => (None, Some(PyErr::from(failure))),
        };
        (exit, ended, PyBytes::new(py, &self.stdout), PyBytes::new(py, &self.stderr)).into_pyobject(py)
    }
}
