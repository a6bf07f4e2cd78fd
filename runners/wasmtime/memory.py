"""Linear memories: one store's, and those that every store of the engine has."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any

import wasmtime._ffi as ffi

from runners.linear import Linear
from runners.wasmtime import _binding

__all__ = ["SharedMemory", "StoreMemory"]


class StoreMemory(Linear):
    """A memory of one store."""

    def __init__(self, context: Any, extern: Any) -> None:
        self._context, self.extern = context, extern

    def _span(self) -> tuple[int, int]:
        memory = byref(self.extern.of.memory)
        start = ctypes.cast(ffi.wasmtime_memory_data(self._context, memory), ctypes.c_void_p).value or 0
        return start, ffi.wasmtime_memory_data_size(self._context, memory)


class SharedMemory(Linear):
    """A shared memory, of every store of the engine."""

    def __init__(self, memory: _binding.Shared) -> None:
        self._memory, self.extern = memory, memory.extern

    def _span(self) -> tuple[int, int]:
        start = ctypes.cast(ffi.wasmtime_sharedmemory_data(self._memory.raw), ctypes.c_void_p).value or 0
        return start, ffi.wasmtime_sharedmemory_data_size(self._memory.raw)
