//! Values on their way between Python and wasmi: a type's name and bits, so that nothing is rounded, quieted or
//! sign-extended.

use std::fmt;

use pyo3::prelude::*;
use wasmi::{ExternRef, F32, F64, Func, Nullable, V128, Val, ValType};

use crate::failure::Failure;
use crate::store::State;

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

pub fn name(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
        ValType::F32 => "f32",
        ValType::F64 => "f64",
        ValType::V128 => "v128",
        ValType::FuncRef => "funcref",
        ValType::ExternRef => "externref",
    }
}

/// The functions that went out to Python as indices; they live as long as their store.
#[derive(Default)]
pub struct Functions(Vec<Func>);

pub fn decode(store: &mut State, (ty, bits): &Plain) -> Result<Val, Failure> {
    let wrong = || Failure::host("call", format!("no {ty} has the bits {bits}"));
    let number = |width: u32| match bits {
        Bits::Number(bits) if width == 128 || bits >> width == 0 => Ok(*bits),
        _ => Err(wrong()),
    };
    Ok(match ty.as_str() {
        "i32" => Val::I32(number(32)? as u32 as i32),
        "i64" => Val::I64(number(64)? as u64 as i64),
        "f32" => Val::F32(F32::from_bits(number(32)? as u32)),
        "f64" => Val::F64(F64::from_bits(number(64)? as u64)),
        "v128" => Val::V128(V128::from(number(128)?)),
        "externref" if *bits == Bits::Null => Val::ExternRef(Nullable::Null),
        "externref" => Val::ExternRef(Nullable::Val(ExternRef::new(store, number(64)? as u64))),
        "funcref" if *bits == Bits::Null => Val::FuncRef(Nullable::Null),
        "funcref" => {
            let Functions(known) = &store.data().functions;
            Val::FuncRef(Nullable::Val(*known.get(number(32)? as usize).ok_or_else(wrong)?))
        }
        _ => return Err(Failure::host("call", format!("no type of value: {ty}"))),
    })
}

pub fn encode(store: &mut State, value: &Val) -> Result<Plain, Failure> {
    let bits = match value {
        Val::I32(value) => Bits::Number((*value as u32).into()),
        Val::I64(value) => Bits::Number((*value as u64).into()),
        Val::F32(value) => Bits::Number(value.to_bits().into()),
        Val::F64(value) => Bits::Number(value.to_bits().into()),
        Val::V128(value) => Bits::Number(value.as_u128()),
        Val::FuncRef(Nullable::Null) | Val::ExternRef(Nullable::Null) => Bits::Null,
        Val::FuncRef(Nullable::Val(function)) => {
            let Functions(known) = &mut store.data_mut().functions;
            known.push(*function);
            Bits::Number(known.len() as u128 - 1)
        }
        Val::ExternRef(Nullable::Val(reference)) => match reference.data(&*store).downcast_ref::<u64>() {
            Some(index) => Bits::Number((*index).into()),
            None => return Err(Failure::host("call", "an externref that the host did not give out")),
        },
    };
    Ok((name(value.ty()).to_owned(), bits))
}
