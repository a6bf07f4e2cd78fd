"""wasmtime's C interface as the adapter needs it: what its Python binding gets wrong is worked around here alone.

The binding's own calls do not run code for us, for three reasons:

1. `SharedMemory` cannot be linked: `_as_extern` wraps one pointer too many, as does `size()` (wasmtime-py #318).
2. `_func.LAST_EXCEPTION` is global to the process: what a host function raised can surface in another thread.
3. `Val` has no v128 and carries floats as Python floats (a signalling NaN comes back quiet), and asking for
   the kind of a v128 in a function's type aborts the process.

`faults()` tells which of them the installed binding still has; `tests/runners/test_wasmtime.py` fails when
one of them is gone, so that its work-around can go as well.
"""

# ruff: noqa: SLF001  (the C interface is a private part of the binding)
from __future__ import annotations

import ctypes
import inspect
from collections.abc import Callable, Sequence
from ctypes import POINTER, byref, c_void_p
from typing import Any

import wasmtime
import wasmtime._ffi as ffi
from wasmtime import _func as binding_func

from runners.engine import EngineError, Exit, Trap, UncaughtException, Value

__all__ = [
    "FAULTS",
    "Extern",
    "References",
    "call",
    "export",
    "exports",
    "extern_of_shared",
    "faults",
    "from_raw",
    "instantiate",
    "owned_shared",
    "raise_failure",
    "set_wasi",
    "to_raw",
]

Context = Any
"""POINTER(wasmtime_context_t): a store, as the C interface wants it."""

Extern = Any
"""wasmtime_extern_t: a function, global, table, memory, shared memory or tag of a store."""

KINDS: dict[str, int] = {
    "i32": ffi.WASMTIME_I32.value,
    "i64": ffi.WASMTIME_I64.value,
    "f32": ffi.WASMTIME_F32.value,
    "f64": ffi.WASMTIME_F64.value,
    "v128": ffi.WASMTIME_V128.value,
    "funcref": ffi.WASMTIME_FUNCREF.value,
    "externref": ffi.WASMTIME_EXTERNREF.value,
}
NAMES = {kind: name for name, kind in KINDS.items()}

_CODES = ffi.wasmtime_trap_code_enum
TRAPS: dict[int, tuple[str, ...]] = {
    _CODES.WASMTIME_TRAP_CODE_STACK_OVERFLOW.value: ("call stack exhausted",),
    _CODES.WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS.value: ("out of bounds memory access",),
    _CODES.WASMTIME_TRAP_CODE_HEAP_MISALIGNED.value: ("unaligned atomic",),
    # The engine has one code for both ("undefined element: out of bounds table access").
    _CODES.WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS.value: ("out of bounds table access", "undefined element"),
    _CODES.WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL.value: ("uninitialized element",),
    _CODES.WASMTIME_TRAP_CODE_BAD_SIGNATURE.value: ("indirect call type mismatch",),
    _CODES.WASMTIME_TRAP_CODE_INTEGER_OVERFLOW.value: ("integer overflow",),
    _CODES.WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO.value: ("integer divide by zero",),
    _CODES.WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER.value: ("invalid conversion to integer",),
    _CODES.WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED.value: ("unreachable",),
    _CODES.WASMTIME_TRAP_CODE_ATOMIC_WAIT_NON_SHARED_MEMORY.value: ("expected shared memory",),
    _CODES.WASMTIME_TRAP_CODE_NULL_REFERENCE.value: ("null reference",),
}
"""The spec's words for the engine's trap codes; a code that is not here gives no kind."""

_NO_FINALIZER = ctypes.cast(0, ctypes.CFUNCTYPE(None, c_void_p))


class References:
    """The functions of one store that went to the host, by number. (An externref of ours is a number itself.)"""

    def __init__(self) -> None:
        self._functions: list[Any] = []

    def index_of(self, function: Any) -> int:
        # A struct of plain numbers (store, index): a copy stays good as long as its store.
        self._functions.append(type(function).from_buffer_copy(function))
        return len(self._functions) - 1

    def function(self, index: int) -> Any:
        try:
            return self._functions[index]
        except IndexError:
            raise EngineError("call", f"no funcref has the number {index}") from None


def to_raw(raw: Any, value: Value, context: Context, references: References) -> None:
    """Writes `value` into a `wasmtime_val_t`, bits as they are. The caller unroots externrefs."""
    name, bits = value
    try:
        raw.kind = KINDS[name]
    except KeyError:
        raise EngineError("call", f"the binding carries no {name}", "unsupported") from None
    if name in ("i32", "f32"):
        raw.of.i32 = bits  # ctypes keeps the low 32 bits
    elif name in ("i64", "f64"):
        raw.of.i64 = bits
    elif name == "v128":
        raw.of.v128[:] = bits.to_bytes(16, "little")
    elif bits < 0:
        raw.of.i64 = 0  # a store's number of 0 is null, for both kinds of reference
    elif name == "funcref":
        raw.of.funcref = references.function(bits)
    # The host's data is an address to the engine, and 0 of it is nothing: hence number + 1.
    elif not ffi.wasmtime_externref_new(context, bits + 1, _NO_FINALIZER, byref(raw.of.externref)):
        raise EngineError("call", "the engine made no externref")


def from_raw(raw: Any, context: Context, references: References) -> Value:
    """The value in a `wasmtime_val_t`. Errors: EngineError of phase `call` for a type that the protocol lacks."""
    name = NAMES.get(raw.kind)
    if name == "i32" or name == "f32":
        return Value(name, raw.of.i32 & 0xFFFFFFFF)
    if name == "i64" or name == "f64":
        return Value(name, raw.of.i64 & 0xFFFFFFFFFFFFFFFF)
    if name == "v128":
        return Value(name, int.from_bytes(bytes(raw.of.v128), "little"))
    if name == "funcref":
        reference = raw.of.funcref
        return Value(name, references.index_of(reference) if reference.store_id else -1)
    if name == "externref":
        reference = raw.of.externref
        if not reference.store_id:
            return Value(name, -1)
        # A `void *`, which ctypes gives as a number or None, whatever the binding's annotation says.
        data: Any = ffi.wasmtime_externref_data(context, byref(reference))
        return Value(name, (data or 0) - 1)
    raise EngineError("call", f"the binding carries no value of kind {raw.kind}", "unsupported")


def raise_failure(context: Context, phase: str, error: Any, trap: Any) -> None:
    """Raises what the engine gave back, if anything: Exit, Trap, UncaughtException, or EngineError of `phase`."""
    # The exception that was thrown stays in the store, and would be seen again after the next trap.
    thrown = False
    if (error or trap) and ffi.wasmtime_context_has_exception(context):
        exception = ffi.wasmtime_exnref_t()
        thrown = ffi.wasmtime_context_take_exception(context, byref(exception))
        if thrown:
            ffi.wasmtime_exnref_unroot(byref(exception))
    if error:
        failure = wasmtime.WasmtimeError._from_ptr(error)
        if isinstance(failure, wasmtime.ExitTrap):
            raise Exit(failure.code)
        raise EngineError(phase, str(failure))
    if trap:
        owned = wasmtime.Trap._from_ptr(trap)
        # The number itself: the binding's TrapCode raises on those that are newer than it.
        code = ffi.wasmtime_trap_code_t()
        if ffi.wasmtime_trap_code(owned.ptr(), byref(code)):
            raise Trap(TRAPS.get(code.value, ()), owned.message)
        if thrown:
            raise UncaughtException(owned.message)
        raise Trap((), owned.message)


def call(
    context: Context, function: Any, arguments: Sequence[Value], results: Sequence[str], references: References
) -> list[Value]:
    """Calls a `wasmtime_func_t`; the engine checks the arguments' types, and their number and that of `results`.

    Errors: Trap, UncaughtException, Exit; EngineError of phase `call`."""
    given = (ffi.wasmtime_val_t * len(arguments))()
    out = (ffi.wasmtime_val_t * len(results))()
    trap = POINTER(ffi.wasm_trap_t)()
    rooted = False
    try:
        for raw, value in zip(given, arguments, strict=True):
            to_raw(raw, value, context, references)
            rooted = rooted or value.type == "externref"
        error = ffi.wasmtime_func_call(context, byref(function), given, len(given), out, len(out), byref(trap))
        if error or trap:
            raise_failure(context, "call", error, trap)
        values = [from_raw(raw, context, references) for raw in out]
        rooted = rooted or any(value.type == "externref" for value in values)
    finally:
        if rooted:
            for raw in (*given, *out):
                ffi.wasmtime_val_unroot(byref(raw))
    if [value.type for value in values] != list(results):
        raise EngineError("call", f"results of types {[value.type for value in values]}, not {list(results)}")
    return values


def owned_shared(extern: Extern) -> wasmtime.SharedMemory:
    """The shared memory of an extern that `export` gave; it takes over the reference which that one owned."""
    return wasmtime.SharedMemory._from_ptr(extern.of.sharedmemory)


def set_wasi(context: Context, config: wasmtime.WasiConfig) -> None:
    """Gives the store its WASI; `config` is used up. Errors: EngineError of phase `wasi`."""
    raise_failure(context, "wasi", ffi.wasmtime_context_set_wasi(context, config._consume()), None)


def extern_of_shared(memory: wasmtime.SharedMemory) -> Extern:
    """A shared memory as an import (fault 1). The extern borrows: keep `memory` as long as it."""
    union = ffi.wasmtime_extern_union(sharedmemory=memory.ptr())
    return ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_SHAREDMEMORY, union)


def instantiate(context: Context, module: wasmtime.Module, imports: Sequence[Extern]) -> Any:
    """A `wasmtime_instance_t` of `module` with `imports` in its order.

    Errors: Trap, UncaughtException, Exit; EngineError, of phase `link` where an import is of the wrong type.
    """
    given = (ffi.wasmtime_extern_t * len(imports))(*imports)
    instance = ffi.wasmtime_instance_t()
    trap = POINTER(ffi.wasm_trap_t)()
    error = ffi.wasmtime_instance_new(context, module.ptr(), given, len(imports), byref(instance), byref(trap))
    try:
        raise_failure(context, "instantiate", error, trap)
    except EngineError as failure:
        if str(failure).startswith("incompatible import type"):
            failure.phase = "link"
        raise
    return instance


def export(context: Context, instance: Any, name: str) -> Extern | None:
    """The export of that name, or None. Owned by the caller where it is a shared memory (`wasmtime_extern_delete`)."""
    item = ffi.wasmtime_extern_t()
    encoded = name.encode()
    buffer = ctypes.create_string_buffer(encoded, len(encoded) + 1)
    if ffi.wasmtime_instance_export_get(context, byref(instance), buffer, len(encoded), byref(item)):
        return item
    return None


def exports(context: Context, instance: Any) -> dict[str, Extern]:
    """All exports by name, in order; owned as `export` says."""
    found: dict[str, Extern] = {}
    name, length = POINTER(ctypes.c_char)(), ctypes.c_size_t(0)
    while True:
        item = ffi.wasmtime_extern_t()
        if not ffi.wasmtime_instance_export_nth(
            context, byref(instance), len(found), byref(name), byref(length), byref(item)
        ):
            return found
        found[ffi.to_str_raw(name, length.value)] = item


def _shared_memory_is_wrapped_twice() -> bool:
    config = wasmtime.Config()
    config.wasm_threads = True
    config.shared_memory = True
    engine = wasmtime.Engine(config)
    memory = wasmtime.SharedMemory(engine, wasmtime.MemoryType(wasmtime.Limits(1, 1), shared=True))
    try:
        held = memory._as_extern().of.sharedmemory
    except TypeError:  # a pointer to the pointer does not fit the field
        return True
    # Compared, never followed: following a wrong one is a crash.
    return ctypes.cast(held, c_void_p).value != ctypes.cast(memory.ptr(), c_void_p).value


def _last_exception_is_global() -> bool:
    return isinstance(getattr(binding_func, "LAST_EXCEPTION", 0), (type(None), BaseException))


def _values_lose_bits() -> bool:
    return "unimplemented v128" in inspect.getsource(wasmtime.Val)


FAULTS: dict[str, Callable[[], bool]] = {
    "shared-memory-cannot-be-linked": _shared_memory_is_wrapped_twice,
    "host-exception-global-to-process": _last_exception_is_global,
    "values-lose-bits": _values_lose_bits,
}
"""What is worked around above, and how to see that it is still so."""


def faults() -> list[str]:
    """The names in FAULTS that the installed binding still has."""
    return [name for name, present in FAULTS.items() if present()]
