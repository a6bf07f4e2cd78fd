"""Linear memories: an instance's, and one of the script's."""

from __future__ import annotations

import weakref
from typing import Any

from runners.engine import PAGE, EngineError
from runners.linear import Linear, check_limits
from runners.wasmedge import _library
from runners.wasmedge._library import text

__all__ = ["HostMemory", "Memory"]


class Memory(Linear):
    """A linear memory."""

    def __init__(self, library: Any, handle: int) -> None:
        self._library, self.handle = library, handle

    def _span(self) -> tuple[int, int]:
        size = self._library.MemoryInstanceGetPageSize(self.handle) * PAGE
        return int(self._library.MemoryInstanceGetPointer(self.handle, 0, min(size, PAGE)) or 0), int(size)


class HostMemory(Memory):
    """A memory of the script's. The first import gives it a module, and with it the names that it has ever after."""

    def __init__(self, library: Any, minimum: int, maximum: int | None, shared: bool) -> None:
        check_limits(minimum, maximum)
        limit = _library.Limit(maximum is not None, shared, minimum, maximum or 0)
        kind = library.MemoryTypeCreate(limit)
        super().__init__(library, library.MemoryInstanceCreate(kind))
        library.MemoryTypeDelete(kind)
        if not self.handle:
            raise EngineError("memory", f"WasmEdge made no memory of {minimum} to {maximum} pages")
        self._module: int | None = None
        self._end = weakref.finalize(self, library.MemoryInstanceDelete, self.handle)

    def module(self, module: str, field: str) -> int:
        """The module that exports it."""
        if self._module is None:
            self._module = self._library.ModuleInstanceCreate(text(module))
            self._library.ModuleInstanceAddMemory(self._module, text(field), self.handle)
            self._end.detach()  # it is the module's now
            self._end = weakref.finalize(self, self._library.ModuleInstanceDelete, self._module)
        return self._module
