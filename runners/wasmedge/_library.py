"""WasmEdge's C interface (`wasmedge.h`) as the adapter needs it, by ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from ctypes import POINTER, Structure, c_bool, c_char_p, c_int32, c_uint8, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any

__all__ = [
    "FUNCTION",
    "GLOBAL",
    "HOST",
    "MEMORY",
    "Limit",
    "String",
    "Type",
    "Value",
    "loaded",
    "names",
    "text",
    "values",
]

FUNCTION, TABLE, MEMORY, GLOBAL, TAG = range(5)
"""`WasmEdge_ExternalType`."""


class Type(Structure):
    """`WasmEdge_ValType`."""

    _fields_ = (("data", c_uint8 * 8),)


class Value(Structure):
    """`WasmEdge_Value`: 128 bits and their type. Aligned to 16 bytes, which ctypes does not know: see `values`."""

    _fields_ = (("bits", c_uint64 * 2), ("type", Type), ("padding", c_uint64))


class String(Structure):
    """`WasmEdge_String`."""

    _fields_ = (("length", c_uint32), ("buffer", c_char_p))


class Limit(Structure):
    """`WasmEdge_Limit`."""

    _fields_ = (("has_max", c_bool), ("shared", c_bool), ("min", c_uint32), ("max", c_uint32))


HOST = ctypes.CFUNCTYPE(c_uint32, c_void_p, c_void_p, POINTER(Value), POINTER(Value))
"""`WasmEdge_HostFunc_t`; its result is the code of a `WasmEdge_Result`."""

_NAMES, _POINTERS, _OUT = POINTER(c_char_p), POINTER(c_void_p), POINTER(c_void_p)

_SIGNATURES: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
    "VersionGet": (c_char_p, ()),
    "LogOff": (None, ()),
    **{f"ValTypeGen{name}": (Type, ()) for name in ("I32", "I64", "F32", "F64", "V128", "FuncRef", "ExternRef")},
    "ResultGetMessage": (c_char_p, (c_uint32,)),
    "ConfigureCreate": (c_void_p, ()),
    "ConfigureAddProposal": (None, (c_void_p, c_int32)),
    "LoaderCreate": (c_void_p, (c_void_p,)),
    "LoaderParseFromBuffer": (c_uint32, (c_void_p, _OUT, c_char_p, c_uint32)),
    "ValidatorCreate": (c_void_p, (c_void_p,)),
    "ValidatorValidate": (c_uint32, (c_void_p, c_void_p)),
    "ASTModuleDelete": (None, (c_void_p,)),
    "ASTModuleListImportsLength": (c_uint32, (c_void_p,)),
    "ASTModuleListImports": (c_uint32, (c_void_p, _POINTERS, c_uint32)),
    "ImportTypeGetExternalType": (c_int32, (c_void_p,)),
    "ImportTypeGetModuleName": (String, (c_void_p,)),
    "ImportTypeGetExternalName": (String, (c_void_p,)),
    "ASTModuleListExportsLength": (c_uint32, (c_void_p,)),
    "ASTModuleListExports": (c_uint32, (c_void_p, _POINTERS, c_uint32)),
    "ExportTypeGetExternalType": (c_int32, (c_void_p,)),
    "ExportTypeGetExternalName": (String, (c_void_p,)),
    "FunctionTypeGetParametersLength": (c_uint32, (c_void_p,)),
    "FunctionTypeGetParameters": (c_uint32, (c_void_p, POINTER(Type), c_uint32)),
    "FunctionTypeGetReturnsLength": (c_uint32, (c_void_p,)),
    "FunctionTypeGetReturns": (c_uint32, (c_void_p, POINTER(Type), c_uint32)),
    "ExecutorCreate": (c_void_p, (c_void_p, c_void_p)),
    "ExecutorRegisterImport": (c_uint32, (c_void_p, c_void_p, c_void_p)),
    "ExecutorInstantiate": (c_uint32, (c_void_p, _OUT, c_void_p, c_void_p)),
    "ExecutorInvoke": (c_uint32, (c_void_p, c_void_p, POINTER(Value), c_uint32, POINTER(Value), c_uint32)),
    "StoreCreate": (c_void_p, ()),
    "StoreDelete": (None, (c_void_p,)),
    "ModuleInstanceCreate": (c_void_p, (String,)),
    "ModuleInstanceCreateWASI": (c_void_p, (_NAMES, c_uint32, _NAMES, c_uint32, _NAMES, c_uint32)),
    "ModuleInstanceWASIGetExitCode": (c_uint32, (c_void_p,)),
    "ModuleInstanceAddFunction": (None, (c_void_p, String, c_void_p)),
    "ModuleInstanceAddMemory": (None, (c_void_p, String, c_void_p)),
    "ModuleInstanceFindFunction": (c_void_p, (c_void_p, String)),
    "ModuleInstanceFindMemory": (c_void_p, (c_void_p, String)),
    "ModuleInstanceFindGlobal": (c_void_p, (c_void_p, String)),
    "ModuleInstanceDelete": (None, (c_void_p,)),
    "FunctionInstanceCreate": (c_void_p, (c_void_p, HOST, c_void_p, c_uint64)),
    "FunctionInstanceGetFunctionType": (c_void_p, (c_void_p,)),
    "MemoryTypeCreate": (c_void_p, (Limit,)),
    "MemoryTypeDelete": (None, (c_void_p,)),
    "MemoryInstanceCreate": (c_void_p, (c_void_p,)),
    "MemoryInstanceDelete": (None, (c_void_p,)),
    "MemoryInstanceGetPageSize": (c_uint32, (c_void_p,)),
    "MemoryInstanceGetPointer": (c_void_p, (c_void_p, c_uint32, c_uint32)),
    "GlobalInstanceGetValue": (Value, (c_void_p,)),
    "GlobalInstanceSetValue": (c_uint32, (c_void_p, Value)),
}
"""Without `WasmEdge_`; a `WasmEdge_Result` is passed as the number that it holds."""


class _Library:
    """Its functions, without `WasmEdge_`."""


def loaded(path: Path) -> Any:
    """The library with the types of its functions. Errors: OSError."""
    native, library = ctypes.CDLL(str(path)), _Library()
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(native, f"WasmEdge_{name}")
        function.restype, function.argtypes = result, arguments
        setattr(library, name, function)
    return library


def text(name: str) -> String:
    """A name for a call; the bytes live as long as it."""
    encoded = name.encode()
    return String(len(encoded), encoded)


def values(count: int) -> Any:
    """An array of so many values, where the engine wants it."""
    size = ctypes.sizeof(Value)
    room = ctypes.create_string_buffer(size * count + 16)
    return (Value * count).from_buffer(room, -ctypes.addressof(room) % 16)


def names(texts: Sequence[str]) -> Any:
    """An array of C's strings."""
    return (c_char_p * len(texts))(*(text.encode() for text in texts))
