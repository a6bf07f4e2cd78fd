"""A module as WasmEdge has loaded and validated it."""

from __future__ import annotations

import ctypes
import weakref
from ctypes import byref, c_void_p
from typing import Any

from runners.engine import EngineError
from runners.wasmedge.native import Native

__all__ = ["Code"]


class Code:
    """A validated module."""

    def __init__(self, native: Native, wasm: bytes) -> None:
        library, module = native.library, c_void_p()
        if wasm[:4] != b"\0asm":
            # It would take a library of machine code, too, and run it.
            raise EngineError("compile", "magic header not detected")
        code = library.LoaderParseFromBuffer(native.loader, byref(module), wasm, len(wasm))
        if not code:
            weakref.finalize(self, library.ASTModuleDelete, module)
            code = library.ValidatorValidate(native.validator, module)
        if code:
            raise EngineError("compile", str(native.failure(code, "compile")))
        self.handle = module
        self.imports = [
            (_string(library.ImportTypeGetModuleName(item)), _string(library.ImportTypeGetExternalName(item)))
            for item in self._list(library, "Imports")
        ]
        self.exports = {
            _string(library.ExportTypeGetExternalName(item)): library.ExportTypeGetExternalType(item)
            for item in self._list(library, "Exports")
        }

    def _list(self, library: Any, what: str) -> list[int]:
        count = getattr(library, f"ASTModuleList{what}Length")(self.handle)
        items = (c_void_p * count)()
        getattr(library, f"ASTModuleList{what}")(self.handle, items, count)
        return list(items)


def _string(string: Any) -> str:
    return ctypes.string_at(string.buffer, string.length).decode() if string.length else ""
