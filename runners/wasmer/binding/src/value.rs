//! Values on their way between Python and wasmer: a type's name and bits, so that nothing is rounded, quieted or
//! sign-extended.

use std::fmt;

use pyo3::prelude::*;
use wasmer::{AsStoreMut, ExternRef, Function, Type, Value};

use crate::failure::Failure;

/// (type, bits). References are an index of the host, or -1 for null.
pub type Plain = (String, Bits);

#[derive(Clone, Copy, PartialEq)]
pub enum Bits {
    Number(u128),
    Null,
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

pub fn name(ty: Type) -> &'static str {
    match ty {
        Type::I32 => "i32",
        Type::I64 => "i64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::V128 => "v128",
        Type::FuncRef => "funcref",
        Type::ExternRef => "externref",
        Type::ExceptionRef => "exnref",
    }
}

/// The functions that went out to Python as indices; they live as long as their store.
#[derive(Default)]
pub struct Functions(Vec<Function>);

impl Functions {
    pub fn decode(&self, store: &mut impl AsStoreMut, (ty, bits): &Plain) -> Result<Value, Failure> {
        let wrong = || Failure::host("call", format!("no {ty} has the bits {bits}"));
        let number = |width: u32| match bits {
            Bits::Number(bits) if width == 128 || bits >> width == 0 => Ok(*bits),
            _ => Err(wrong()),
        };
        Ok(match ty.as_str() {
            "i32" => Value::I32(number(32)? as u32 as i32),
            "i64" => Value::I64(number(64)? as u64 as i64),
            "f32" => Value::F32(f32::from_bits(number(32)? as u32)),
            "f64" => Value::F64(f64::from_bits(number(64)? as u64)),
            "v128" => Value::V128(number(128)?),
            "externref" if *bits == Bits::Null => Value::ExternRef(None),
            "externref" => Value::ExternRef(Some(ExternRef::new(store, number(64)? as u64))),
            "funcref" if *bits == Bits::Null => Value::FuncRef(None),
            "funcref" => Value::FuncRef(Some(self.0.get(number(32)? as usize).ok_or_else(wrong)?.clone())),
            "exnref" if *bits == Bits::Null => Value::ExceptionRef(None),
            _ => return Err(Failure::host("call", format!("no type of value: {ty}"))),
        })
    }

    pub fn encode(&mut self, store: &mut impl AsStoreMut, value: &Value) -> Result<Plain, Failure> {
        let bits = match value {
            Value::I32(value) => Bits::Number((*value as u32).into()),
            Value::I64(value) => Bits::Number((*value as u64).into()),
            Value::F32(value) => Bits::Number(value.to_bits().into()),
            Value::F64(value) => Bits::Number(value.to_bits().into()),
            Value::V128(value) => Bits::Number(*value),
            Value::ExternRef(None) | Value::FuncRef(None) | Value::ExceptionRef(None) => Bits::Null,
            Value::ExternRef(Some(reference)) => match reference.downcast::<u64>(store) {
                Some(index) => Bits::Number((*index).into()),
                None => return Err(Failure::host("call", "an externref that the host did not give out")),
            },
            Value::FuncRef(Some(function)) => {
                self.0.push(function.clone());
                Bits::Number(self.0.len() as u128 - 1)
            }
            Value::ExceptionRef(Some(_)) => return Err(Failure::host("call", "an exnref has no bits")),
        };
        Ok((name(value.ty()).to_owned(), bits))
    }
}
