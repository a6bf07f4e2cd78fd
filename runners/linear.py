"""Linear memory at an address of this process, as a C library tells it: what adapters by ctypes have in common."""

from __future__ import annotations

import ctypes
from collections.abc import Collection

from runners.engine import PAGE, EngineError

__all__ = ["MOST_PAGES", "Linear", "check_limits", "the_memory"]

MOST_PAGES = 65536
"""Of a memory with addresses of 32 bits."""


class Linear:
    """A `Memory` over `_span`: (address in this process, bytes), asked for each time, since it may move as it grows."""

    def _span(self) -> tuple[int, int]:
        raise NotImplementedError

    def _at(self, address: int, length: int) -> int:
        start, size = self._span()
        if address < 0 or length < 0 or address + length > size:
            raise EngineError("memory", f"{length} bytes at {address} are outside of a memory of {size} bytes")
        return start + address

    def pages(self) -> int:
        return self._span()[1] // PAGE

    def read(self, address: int, length: int) -> bytes:
        return ctypes.string_at(self._at(address, length), length)

    def write(self, address: int, data: bytes) -> None:
        ctypes.memmove(self._at(address, len(data)), data, len(data))


def check_limits(minimum: int, maximum: int | None) -> None:
    """EngineError of phase `memory` for what no memory can have; in pages."""
    if minimum > MOST_PAGES or (maximum is not None and not minimum <= maximum <= MOST_PAGES):
        raise EngineError("memory", f"no memory of {minimum} to {maximum} pages")


def the_memory(exported: Collection[str]) -> str | None:
    """Of the names of an instance's memories that of its own: `memory`, or the only one."""
    if "memory" in exported:
        return "memory"
    return next(iter(exported)) if len(exported) == 1 else None
