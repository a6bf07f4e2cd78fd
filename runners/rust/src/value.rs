//! Values on their way between Python and an engine: a type's name and bits, so that nothing is rounded, quieted or
//! sign-extended.

use std::fmt;

use pyo3::prelude::*;

use crate::failure::Failure;

/// (type, bits). References are an index of the host, or -1 for null.
pub type Plain = (String, Bits);

#[derive(Clone, Copy, PartialEq)]
pub enum Bits {
    Number(u128),
    Null,
}

impl Bits {
    /// The number, of a value of type `ty` that is so many bits wide.
    pub fn number(self, ty: &str, width: u32) -> Result<u128, Failure> {
        match self {
            Self::Number(bits) if width == 128 || bits >> width == 0 => Ok(bits),
            _ => Err(self.no(ty)),
        }
    }

    fn no(self, ty: &str) -> Failure {
        Failure::host("call", format!("no {ty} has the bits {self}"))
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(bits) => bits.fmt(formatter),
            Self::Null => formatter.write_str("null"),
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Bits {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<u128>() {
            Ok(bits) => Ok(Self::Number(bits)),
            Err(error) => match object.extract::<i64>() {
                Ok(-1) => Ok(Self::Null),
                _ => Err(error),
            },
        }
    }
}

impl<'py> IntoPyObject<'py> for Bits {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(match self {
            // Small integers go the short way: under the stable ABI a u128 travels as bytes.
            Self::Number(bits) => match u64::try_from(bits) {
                Ok(small) => small.into_pyobject(py)?.into_any(),
                Err(_) => bits.into_pyobject(py)?.into_any(),
            },
            Self::Null => (-1i32).into_pyobject(py)?.into_any(),
        })
    }
}

/// The functions that went out to Python as indices; they live as long as their store.
pub struct Functions<F>(Vec<F>);

impl<F> Default for Functions<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Clone> Functions<F> {
    pub fn give(&mut self, function: F) -> Bits {
        self.0.push(function);
        Bits::Number(self.0.len() as u128 - 1)
    }

    /// The function that `give` made this of.
    pub fn take(&self, bits: Bits) -> Result<F, Failure> {
        let index = bits.number("funcref", 32)? as usize;
        self.0.get(index).cloned().ok_or_else(|| bits.no("funcref"))
    }
}

/// Refuses arguments that are not of the types that a function takes.
pub fn check(field: &str, wanted: &[&str], args: &[Plain]) -> Result<(), Failure> {
    let given: Vec<_> = args.iter().map(|(ty, _)| ty.as_str()).collect();
    if wanted == given {
        return Ok(());
    }
    Err(Failure::host("call", format!("{field} takes ({}), not ({})", wanted.join(", "), given.join(", "))))
}
