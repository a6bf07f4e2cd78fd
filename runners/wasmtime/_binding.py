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
from runners.wasmtime._bridge import (
    SHARED_MEMORY,
    TRAP_CODES,
    codeless,
    is_exception,
    shared_memory_type,
    switch,
    take_exception,
    unroot,
)

__all__ = [
    "FAULTS",
    "Extern",
    "References",
    "Shared",
    "call",
    "export",
    "exports",
    "faults",
    "from_raw",
    "function",
    "instantiate",
    "raise_failure",
    "set_wasi",
    "shared_memory",
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

_WORDS: dict[str, tuple[str, ...]] = {
    "STACK_OVERFLOW": ("call stack exhausted",),
    "MEMORY_OUT_OF_BOUNDS": ("out of bounds memory access",),
    "HEAP_MISALIGNED": ("unaligned atomic",),
    # The engine has one code for both ("undefined element: out of bounds table access").
    "TABLE_OUT_OF_BOUNDS": ("out of bounds table access", "undefined element"),
    "INDIRECT_CALL_TO_NULL": ("uninitialized element",),
    "BAD_SIGNATURE": ("indirect call type mismatch",),
    "INTEGER_OVERFLOW": ("integer overflow",),
    "INTEGER_DIVISION_BY_ZERO": ("integer divide by zero",),
    "BAD_CONVERSION_TO_INTEGER": ("invalid conversion to integer",),
    "UNREACHABLE_CODE_REACHED": ("unreachable",),
    "ATOMIC_WAIT_NON_SHARED_MEMORY": ("expected shared memory",),
    "NULL_REFERENCE": ("null reference",),
}
TRAPS = {TRAP_CODES[name]: words for name, words in _WORDS.items() if name in TRAP_CODES}
"""The spec's words for the engine's trap codes; a code that is not here gives no kind."""

_ENDS = {
    TRAP_CODES["INTERRUPT"]: "the deadline of the script, as an epoch of the engine",
    TRAP_CODES["OUT_OF_FUEL"]: "the fuel of the script is used up",
}
"""Codes of traps that are no trap of the module's: the engine was told to end it."""

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
    thrown = bool(error or trap) and take_exception(context)
    if error:
        failure = wasmtime.WasmtimeError._from_ptr(error)
        if isinstance(failure, wasmtime.ExitTrap):
            raise Exit(failure.code)
        if is_exception(str(failure)):
            raise UncaughtException(str(failure))
        raise EngineError(phase, str(failure))
    if trap:
        owned = wasmtime.Trap._from_ptr(trap)
        # The number itself: the binding's TrapCode raises on those that are newer than it.
        code = ffi.wasmtime_trap_code_t()
        if (words := codeless(owned.message)) is not None:
            raise Trap(words, owned.message)
        if ffi.wasmtime_trap_code(owned.ptr(), byref(code)):
            if code.value in _ENDS:
                raise EngineError("deadline", _ENDS[code.value])
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
                unroot(context, raw)
    if [value.type for value in values] != list(results):
        raise EngineError("call", f"results of types {[value.type for value in values]}, not {list(results)}")
    return values


def function(context: Context, call: Callable[[int], int]) -> tuple[Extern, Any]:
    """`call` as a host function (i32) -> (i32) of the store; and what must be kept as long as it may be called."""

    def called(_env: Any, _caller: Any, given: Any, _given: Any, results: Any, _results: Any) -> int:
        results[0].kind = KINDS["i32"]
        results[0].of.i32 = call(given[0].of.i32)
        return 0

    callback = ffi.wasmtime_func_callback_t(called)
    i32 = wasmtime.ValType.i32()
    found = ffi.wasmtime_func_t()
    kind = wasmtime.FuncType([i32], [i32])
    ffi.wasmtime_func_new(context, kind.ptr(), callback, None, _NO_FINALIZER, byref(found))
    union = ffi.wasmtime_extern_union(func=found)
    return ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_FUNC, union), callback


def set_wasi(context: Context, config: wasmtime.WasiConfig) -> None:
    """Gives the store its WASI; `config` is used up. Errors: EngineError of phase `wasi`."""
    raise_failure(context, "wasi", ffi.wasmtime_context_set_wasi(context, config._consume()), None)


class Shared:
    """A shared memory of all stores of an engine, and an extern of it; it owns `raw`, a `wasmtime_sharedmemory *`."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        # It borrows, so it is good as long as this object is. (The binding's own wraps one pointer more: fault 1.)
        self.extern = ffi.wasmtime_extern_t(SHARED_MEMORY, ffi.wasmtime_extern_union(sharedmemory=raw))

    def __del__(self) -> None:
        ffi.wasmtime_sharedmemory_delete(self.raw)


def shared_memory(engine: wasmtime.Engine, minimum: int, maximum: int) -> Shared:
    """A new one, of so many pages. Errors: EngineError of phase `memory`."""
    kind = shared_memory_type(engine, minimum, maximum)
    raw = POINTER(ffi.wasmtime_sharedmemory)()
    error = ffi.wasmtime_sharedmemory_new(engine.ptr(), kind.ptr(), byref(raw))
    if error:
        raise EngineError("memory", str(wasmtime.WasmtimeError._from_ptr(error)))
    return Shared(raw)


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
    if not hasattr(wasmtime, "SharedMemory"):  # before 27
        return True
    config = wasmtime.Config()
    switch(config, "wasm_threads")
    switch(config, "shared_memory")
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
