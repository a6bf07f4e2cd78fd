//! Values of wasmer, and what Python has of them.

use bound::{Bits, Failure, Plain};
use wasmer::{ExternRef, Type, Value};

use crate::store::State;

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

pub fn decode(state: &mut State, (ty, bits): &Plain) -> Result<Value, Failure> {
    let number = |width| bits.number(ty, width);
    Ok(match ty.as_str() {
        "i32" => Value::I32(number(32)? as u32 as i32),
        "i64" => Value::I64(number(64)? as u64 as i64),
        "f32" => Value::F32(f32::from_bits(number(32)? as u32)),
        "f64" => Value::F64(f64::from_bits(number(64)? as u64)),
        "v128" => Value::V128(number(128)?),
        "externref" if *bits == Bits::Null => Value::ExternRef(None),
        "externref" => Value::ExternRef(Some(ExternRef::new(&mut state.store, number(64)? as u64))),
        "funcref" if *bits == Bits::Null => Value::FuncRef(None),
        "funcref" => Value::FuncRef(Some(state.functions.take(*bits)?)),
        "exnref" if *bits == Bits::Null => Value::ExceptionRef(None),
        _ => return Err(Failure::host("call", format!("no type of value: {ty}"))),
    })
}

pub fn encode(state: &mut State, value: &Value) -> Result<Plain, Failure> {
    let bits = match value {
        Value::I32(value) => Bits::Number((*value as u32).into()),
        Value::I64(value) => Bits::Number((*value as u64).into()),
        Value::F32(value) => Bits::Number(value.to_bits().into()),
        Value::F64(value) => Bits::Number(value.to_bits().into()),
        Value::V128(value) => Bits::Number(*value),
        Value::ExternRef(None) | Value::FuncRef(None) | Value::ExceptionRef(None) => Bits::Null,
        Value::ExternRef(Some(reference)) => match reference.downcast::<u64>(&state.store) {
            Some(index) => Bits::Number((*index).into()),
            None => return Err(Failure::host("call", "an externref that the host did not give out")),
        },
        Value::FuncRef(Some(function)) => state.functions.give(function.clone()),
        Value::ExceptionRef(Some(_)) => return Err(Failure::host("call", "an exnref has no bits")),
    };
    Ok((name(value.ty()).to_owned(), bits))
}
