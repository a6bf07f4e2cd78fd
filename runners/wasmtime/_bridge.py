"""One form of what the C interface has in another way, or not yet, in older bindings: from wasmtime 21 to the newest.

What is here goes, piece by piece, when `OLDEST` of runtime.py rises past the major that each piece names.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from ctypes import POINTER, byref
from typing import Any

import wasmtime

from runners.engine import EngineError

__all__ = [
    "SHARED_MEMORY",
    "TRAP_CODES",
    "codeless",
    "is_exception",
    "shared_memory_type",
    "switch",
    "take_exception",
    "unroot",
]

ffi: Any = importlib.import_module("wasmtime._ffi")
"""Not as the type checker knows it, which sees one version alone."""

SHARED_MEMORY = 4
"""WASMTIME_EXTERN_SHAREDMEMORY, which the binding names since 27 and the engine had before."""


def _arity(function: Callable[..., Any]) -> int:
    return len(inspect.signature(function).parameters)


def _trap_codes() -> Mapping[str, int]:
    """The engine's trap codes by name: they are numbered anew where one is put in between (36 has two more than 25)."""
    names = getattr(ffi, "wasmtime_trap_code_enum", None)
    if names is None:  # before 27
        codes = {code.name: code.value for code in wasmtime.TrapCode}
        return {**codes, "UNREACHABLE_CODE_REACHED": codes["UNREACHABLE"], "OUT_OF_FUEL": 11}
    # By place: up to 43 the binding numbers them from 1, the engine always from 0.
    return {code.name.removeprefix("WASMTIME_TRAP_CODE_"): place for place, code in enumerate(names)}


TRAP_CODES = _trap_codes()

_CODELESS = {
    "atomic wait on non-shared memory": ("expected shared memory",),
    "null reference": ("null reference",),
    "out of bounds array access": (),
    "allocation size too large": (),
    "cast failure": (),
}
_ASKABLE = "ATOMIC_WAIT_NON_SHARED_MEMORY" in TRAP_CODES


def codeless(message: str) -> tuple[str, ...] | None:
    """The spec's words for a trap of which older ones (33) abort when its code is asked for; None for others."""
    if _ASKABLE:
        return None
    return next((words for known, words in _CODELESS.items() if known in message), None)


def switch(config: wasmtime.Config, name: str, on: bool = True) -> bool:
    """Sets an option of the engine, also where only the C interface has it. Whether there is such an option."""
    option = getattr(ffi, f"wasmtime_config_{name}_set", None)
    if option is None:
        return False
    option(config.ptr(), on)
    return True


_STORE_UNROOTS = _arity(ffi.wasmtime_val_unroot) == 2  # before 40


def unroot(context: Any, raw: Any) -> None:
    """Gives up the reference in a `wasmtime_val_t`, if it holds one."""
    if _STORE_UNROOTS:
        ffi.wasmtime_val_unroot(context, byref(raw))
    else:
        ffi.wasmtime_val_unroot(byref(raw))


def take_exception(context: Any) -> bool:
    """Whether the store holds an exception that was thrown; it is taken out, as the next trap would show it again.

    Never before 44, whose interface does not tell; there `is_exception` does."""
    if not hasattr(ffi, "wasmtime_context_has_exception") or not ffi.wasmtime_context_has_exception(context):
        return False
    if hasattr(ffi, "wasmtime_exn_delete"):  # 44 alone
        owned = POINTER(ffi.wasmtime_exn)()
        if taken := bool(ffi.wasmtime_context_take_exception(context, byref(owned))):
            ffi.wasmtime_exn_delete(owned)
        return taken
    exception = ffi.wasmtime_exnref_t()
    if taken := bool(ffi.wasmtime_context_take_exception(context, byref(exception))):
        ffi.wasmtime_exnref_unroot(byref(exception))
    return taken


def is_exception(message: str) -> bool:
    """Whether this error of the engine is an exception that nobody caught, before 44."""
    return not hasattr(ffi, "wasmtime_context_has_exception") and message.startswith("thrown Wasm exception")


_TYPES_ARE_SHARED = "shared" in inspect.signature(wasmtime.MemoryType.__init__).parameters


def shared_memory_type(engine: wasmtime.Engine, minimum: int, maximum: int) -> wasmtime.MemoryType:
    """The type of a shared memory of so many pages. Errors: EngineError of phase `memory`."""
    try:
        if _TYPES_ARE_SHARED:
            return wasmtime.MemoryType(wasmtime.Limits(minimum, maximum), shared=True)
        # Before 27 none can be made, but that of an import can be had.
        imported = f'(module (import "" "" (memory {minimum} {maximum} shared)))'
        kind = wasmtime.Module(engine, imported).imports[0].type
    except (wasmtime.WasmtimeError, ValueError, OverflowError) as error:
        raise EngineError("memory", str(error)) from error
    assert isinstance(kind, wasmtime.MemoryType)
    return kind
