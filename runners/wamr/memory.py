"""Linear memories: an instance's, and one of the script's, which WAMR makes with the first instance that imports it."""

from __future__ import annotations

from typing import Any

from runners.engine import EngineError
from runners.linear import MOST_PAGES, Linear, check_limits

__all__ = ["HostMemory", "Memory"]


class Memory(Linear):
    """A linear memory of an instance."""

    def __init__(self, library: Any, handle: int) -> None:
        self._library, self._handle = library, handle

    def _span(self) -> tuple[int, int]:
        # A module that never grows its memory has it as one large page.
        pages = self._library.wasm_memory_get_cur_page_count(self._handle)
        size = pages * self._library.wasm_memory_get_bytes_per_page(self._handle)
        return int(self._library.wasm_memory_get_base_address(self._handle) or 0), int(size)

    def grow(self, pages: int) -> bool:
        """Whether it has so many pages more."""
        return bool(self._library.wasm_memory_enlarge(self._handle, pages))


class HostMemory:
    """A memory of the script's, until an instance has made it, and after."""

    def __init__(self, minimum: int, maximum: int | None, shared: bool) -> None:
        check_limits(minimum, maximum)
        self._minimum, self.maximum, self._shared = minimum, maximum, shared
        self._made: Memory | None = None

    def fits(self, library: Any, wanted: int) -> bool:
        """Whether a module may import it that wants this type."""
        least = library.wasm_memory_type_get_init_page_count(wanted)
        most = library.wasm_memory_type_get_max_page_count(wanted)
        shared = bool(library.wasm_memory_type_get_shared(wanted))
        # Of a module that never grows its memory WAMR keeps the maximum no longer: one large page it is.
        bounded = least == most == 1 or (self.maximum or MOST_PAGES) <= most
        return shared == self._shared and bounded

    def claim(self) -> None:
        """Is called before an instance makes it. EngineError of phase `link` where one has."""
        if self._made is not None:
            # It has them for the threads that a module starts by itself (wasi-threads), out of the host's reach.
            raise EngineError("link", "WAMR's interface gives a memory to one instance alone", "unsupported")

    def become(self, made: Memory) -> None:
        """Is this memory of an instance's from now on, which gets as large as it. EngineError of phase `link`."""
        lacking = self._minimum - made.pages()
        if lacking < 0:
            raise EngineError("link", f"incompatible import type: {made.pages()} pages are wanted at least")
        if lacking and not made.grow(lacking):
            raise EngineError(
                "link", "WAMR's memory of a module that never grows it cannot be made larger", "unsupported"
            )
        self._made = made

    def _memory(self) -> Memory:
        if self._made is None:
            raise EngineError("memory", "WAMR makes a memory with the first instance that imports it", "unsupported")
        return self._made

    def pages(self) -> int:
        return self._minimum if self._made is None else self._made.pages()

    def read(self, address: int, length: int) -> bytes:
        return self._memory().read(address, length)

    def write(self, address: int, data: bytes) -> None:
        self._memory().write(address, data)
