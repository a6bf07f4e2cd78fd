"""An instance of a module, and what of it others may import."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from ctypes import byref
from dataclasses import dataclass
from typing import Any

from runners.engine import EngineError, Value
from runners.linear import the_memory
from runners.wamr import _library, values
from runners.wamr._library import FUNCTION, GLOBAL, MEMORY
from runners.wamr.memory import Memory
from runners.wamr.module import Code
from runners.wamr.values import CELLS, Signature

__all__ = ["Export", "Instance"]


@dataclass(frozen=True)
class Export:
    """An exported function, memory … of an instance: what another instance may import."""

    instance: Instance
    name: str
    kind: int


class Instance:
    """An instance, called in the environment that WAMR has for its main thread.

    `fail` raises what ended a call into the instance of this handle; `initialized`: WAMR has called `_initialize`."""

    def __init__(
        self, library: Any, code: Code, handle: int, fail: Callable[[int], None], *, initialized: bool
    ) -> None:
        self._library, self._code, self.handle, self._fail = library, code, handle, fail
        self._functions: dict[str, tuple[int, Signature]] = {}
        # WAMR calls a WASI library's itself, as it instantiates it; the script's own first call is that one.
        self._initialized = initialized and code.exports.get("_initialize") == FUNCTION
        self._environment = library.wasm_runtime_get_exec_env_singleton(handle)
        if not self._environment:
            raise EngineError("instantiate", "no memory for a stack")

    def _function(self, name: str) -> tuple[int, Signature]:
        known = self._functions.get(name)
        if known is not None:
            return known
        if self._code.exports.get(name) != FUNCTION:
            raise EngineError("call", f"no function is exported as {name!r}")
        handle = self._library.wasm_runtime_lookup_function(self.handle, name.encode())
        found = self._functions[name] = handle, values.exported(self._library, handle, self.handle)
        return found

    def signature(self, name: str) -> Signature:
        """The type of an exported function. Errors: EngineError of phase `call`."""
        return self._function(name)[1]

    def function(self, name: str, params: Sequence[str], results: Sequence[str]) -> int:
        """The exported function of this name and type. Errors: EngineError of phase `call`."""
        function, signature = self._function(name)
        if tuple(params) != signature.params or tuple(results) != signature.results:
            wanted = f"({', '.join(signature.params)}) and gives ({', '.join(signature.results)})"
            raise EngineError("call", f"{name} takes {wanted}, not ({', '.join(params)}) and ({', '.join(results)})")
        return function

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]:
        function = self.function(name, [value.type for value in args], results)
        if name == "_initialize" and self._initialized:
            self._initialized = False
            return []

        def call(count: int, cells: Any) -> None:
            if not self._library.wasm_runtime_call_wasm(self._environment, function, count, cells):
                self._fail(self.handle)

        return values.call(call, args, results)

    def _global(self, name: str) -> tuple[str, int, bool] | None:
        """(type, address of the bits, whether it is mutable)."""
        if self._code.exports.get(name) != GLOBAL:
            return None
        found = _library.Global()
        if not self._library.wasm_runtime_get_export_global_inst(self.handle, name.encode(), byref(found)):
            return None
        return values.name_of(found.kind), found.data, found.is_mutable

    def get(self, name: str) -> Value | None:
        found = self._global(name)
        if found is None:
            return None
        kind, address, _ = found
        if kind in ("externref", "funcref") or kind not in CELLS:
            raise EngineError("call", f"WAMR's interface does not tell a global of type {kind}", "unsupported")
        return Value(kind, int.from_bytes(ctypes.string_at(address, 4 * CELLS[kind]), "little"))

    def set(self, name: str, value: Value) -> None:
        found = self._global(name)
        if found is None:
            raise EngineError("call", f"no global is exported as {name!r}")
        kind, address, mutable = found
        if kind != value.type or not mutable:
            raise EngineError("call", f"the global {name!r} is {'' if mutable else 'not mutable, '}of type {kind}")
        ctypes.memmove(address, value.bits.to_bytes(4 * CELLS[kind], "little"), 4 * CELLS[kind])

    def first_memory(self) -> Memory | None:
        """Its first memory, imported or not; None without."""
        return self._memory(self._library.wasm_runtime_get_memory(self.handle, 0))

    def memory(self) -> Memory | None:
        name = the_memory([name for name, kind in self._code.exports.items() if kind == MEMORY])
        return self._memory(name and self._library.wasm_runtime_lookup_memory(self.handle, name.encode()))

    def _memory(self, handle: Any) -> Memory | None:
        return Memory(self._library, handle) if handle else None

    def exports(self) -> Mapping[str, Any]:
        return {name: Export(self, name, kind) for name, kind in self._code.exports.items()}
