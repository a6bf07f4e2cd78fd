"""A module as WAMR has loaded it."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterator
from ctypes import byref
from dataclasses import dataclass
from typing import Any

from runners.engine import EngineError
from runners.wamr import _library

__all__ = ["Code", "Import"]


@dataclass(frozen=True)
class Import:
    """What a module imports. `linked`: WAMR has it itself (a function of its WASI)."""

    module: str
    name: str
    kind: int
    linked: bool
    type: int


class Code:
    """A loaded module. WAMR writes into the bytes that it is given and keeps them: they are a copy of its own."""

    def __init__(self, library: Any, wasm: bytes) -> None:
        self.wasm = wasm
        self._library, self._bytes = library, ctypes.create_string_buffer(wasm, len(wasm))
        error = ctypes.create_string_buffer(256)
        self.handle = library.wasm_runtime_load(self._bytes, len(wasm), error, len(error))
        if not self.handle:
            raise EngineError("compile", error.value.decode(errors="replace"))
        # The bytes must be there as long as the module.
        weakref.finalize(self, _unload, library, self.handle, self._bytes)
        self.imports = list(self._imports())
        self.exports = dict(self._exports())

    def _imports(self) -> Iterator[Import]:
        entry = _library.Entry()
        for index in range(self._library.wasm_runtime_get_import_count(self.handle)):
            self._library.wasm_runtime_get_import_type(self.handle, index, byref(entry))
            yield Import(entry.module_name.decode(), entry.name.decode(), entry.kind, entry.linked, entry.type)

    def _exports(self) -> Iterator[tuple[str, int]]:
        entry = _library.Export()
        for index in range(self._library.wasm_runtime_get_export_count(self.handle)):
            self._library.wasm_runtime_get_export_type(self.handle, index, byref(entry))
            yield entry.name.decode(), entry.kind


def _unload(library: Any, handle: int, _bytes: Any) -> None:
    library.wasm_runtime_unload(handle)
