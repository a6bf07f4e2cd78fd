"""An instance of a module, and what of it others may import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ctypes import byref
from typing import Any

import wasmtime._ffi as ffi

from runners.engine import EngineError, Value
from runners.wasmtime import _binding
from runners.wasmtime._bridge import SHARED_MEMORY, unroot
from runners.wasmtime.memory import SharedMemory, StoreMemory

__all__ = ["Instance"]


class Instance:
    """An instance; every function looked up is kept, as scripts call one many times.

    `context` and `references` are its store's."""

    def __init__(self, context: Any, references: _binding.References, raw: Any) -> None:
        self._context, self._references, self._raw = context, references, raw
        self._functions: dict[str, Any] = {}

    def _function(self, name: str) -> Any:
        known = self._functions.get(name)
        if known is not None:
            return known
        extern = _binding.export(self._context, self._raw, name)
        if extern is None or extern.kind != ffi.WASMTIME_EXTERN_FUNC.value:
            raise EngineError("call", f"no function is exported as {name!r}")
        function = self._functions[name] = extern.of.func
        return function

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]:
        return _binding.call(self._context, self._function(name), args, results, self._references)

    def _global(self, name: str) -> Any | None:
        extern = _binding.export(self._context, self._raw, name)
        if extern is None or extern.kind != ffi.WASMTIME_EXTERN_GLOBAL.value:
            return None
        return extern.of.global_

    def get(self, name: str) -> Value | None:
        found = self._global(name)
        if found is None:
            return None
        raw = ffi.wasmtime_val_t()
        ffi.wasmtime_global_get(self._context, byref(found), byref(raw))
        try:
            return _binding.from_raw(raw, self._context, self._references)
        finally:
            unroot(self._context, raw)

    def set(self, name: str, value: Value) -> None:
        found = self._global(name)
        if found is None:
            raise EngineError("call", f"no global is exported as {name!r}")
        raw = ffi.wasmtime_val_t()
        _binding.to_raw(raw, value, self._context, self._references)
        try:
            error = ffi.wasmtime_global_set(self._context, byref(found), byref(raw))
            _binding.raise_failure(self._context, "call", error, None)
        finally:
            unroot(self._context, raw)

    def memory(self) -> StoreMemory | SharedMemory | None:
        found = _binding.export(self._context, self._raw, "memory")
        if found is not None:
            item = self._handle(found)
            if isinstance(item, (StoreMemory, SharedMemory)):
                return item
        memories = [item for item in self.exports().values() if isinstance(item, (StoreMemory, SharedMemory))]
        return memories[0] if len(memories) == 1 else None

    def _handle(self, extern: Any) -> Any:
        if extern.kind == SHARED_MEMORY:
            # This kind alone owns a reference: ours takes it over, and gives it back.
            return SharedMemory(_binding.Shared(extern.of.sharedmemory))
        if extern.kind == ffi.WASMTIME_EXTERN_MEMORY.value:
            return StoreMemory(self._context, extern)
        return extern

    def exports(self) -> Mapping[str, Any]:
        found = _binding.exports(self._context, self._raw)
        return {name: self._handle(extern) for name, extern in found.items()}
