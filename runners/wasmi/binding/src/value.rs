//! Values of wasmi, and what Python has of them.

use bound::{Bits, Failure, Plain};
use wasmi::{ExternRef, F32, F64, Nullable, V128, Val, ValType};

use crate::store::State;

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

pub fn decode(store: &mut State, (ty, bits): &Plain) -> Result<Val, Failure> {
    let number = |width| bits.number(ty, width);
    Ok(match ty.as_str() {
        "i32" => Val::I32(number(32)? as u32 as i32),
        "i64" => Val::I64(number(64)? as u64 as i64),
        "f32" => Val::F32(F32::from_bits(number(32)? as u32)),
        "f64" => Val::F64(F64::from_bits(number(64)? as u64)),
        "v128" => Val::V128(V128::from(number(128)?)),
        "externref" if *bits == Bits::Null => Val::ExternRef(Nullable::Null),
        "externref" => Val::ExternRef(Nullable::Val(ExternRef::new(store, number(64)? as u64))),
        "funcref" if *bits == Bits::Null => Val::FuncRef(Nullable::Null),
        "funcref" => Val::FuncRef(Nullable::Val(store.data().functions.take(*bits)?)),
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
        Val::FuncRef(Nullable::Val(function)) => store.data_mut().functions.give(*function),
        Val::ExternRef(Nullable::Val(reference)) => match reference.data(&*store).downcast_ref::<u64>() {
            Some(index) => Bits::Number((*index).into()),
            None => return Err(Failure::host("call", "an externref that the host did not give out")),
        },
    };
    Ok((name(value.ty()).to_owned(), bits))
}
