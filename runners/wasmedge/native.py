"""WasmEdge's library and what all stores share of it; values and failures in the interpreter's words."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from runners.engine import EngineError, Trap, UncaughtException, Value
from runners.values import WIDTHS
from runners.wasmedge import _library

__all__ = ["TERMINATED", "Native"]

PROPOSALS = range(7, 17)
"""`WasmEdge_Proposal`, those that are no part of WebAssembly 2.0: tail calls to exceptions, without components."""


TERMINATED = 0x0001
UNCAUGHT = 0x0419
LINK = range(0x0300, 0x0303)

KINDS: Mapping[int, Sequence[str]] = {
    0x0303: ["out of bounds memory access"],
    0x0304: ["out of bounds table access"],
    0x0404: ["integer divide by zero"],
    0x0405: ["integer overflow"],
    0x0406: ["invalid conversion to integer"],
    0x0407: ["out of bounds table access"],
    0x0408: ["out of bounds memory access"],
    0x040A: ["unreachable"],
    0x040B: ["uninitialized element"],
    0x040C: ["undefined element"],
    0x040D: ["indirect call type mismatch"],
    0x0410: ["unaligned atomic"],
    0x0411: ["expected shared memory"],
    0x0412: ["null reference"],
    0x0413: ["null reference"],
    0x0414: ["null reference"],
    0x0415: ["null reference"],
    0x0416: ["null reference"],
    0x0417: ["null reference"],
}
"""`WasmEdge_ErrCode` → the spec's words that it stands for."""


class Native:
    """The library and what all stores share of it."""

    def __init__(self, path: Path) -> None:
        self.library = library = _library.loaded(path)
        library.LogOff()  # the results say it
        configuration = library.ConfigureCreate()
        for proposal in PROPOSALS:
            library.ConfigureAddProposal(configuration, proposal)
        self.loader = library.LoaderCreate(configuration)
        self.validator = library.ValidatorCreate(configuration)
        self.executor = library.ExecutorCreate(configuration, None)
        kinds = {"i32": "I32", "i64": "I64", "f32": "F32", "f64": "F64", "v128": "V128"}
        references = {"funcref": "FuncRef", "externref": "ExternRef"}
        self.types = {
            name: bytes(getattr(library, f"ValTypeGen{of}")().data) for name, of in (kinds | references).items()
        }
        self._names = {data[2:]: name for name, data in self.types.items()}
        for name in references:  # what is no null comes back with a type of its own
            self._names[b"\x64" + self.types[name][3:]] = name

    def name(self, kind: _library.Type) -> str:
        data = bytes(kind.data)[2:]  # nobody writes the first two
        return self._names.get(data) or f"type {data.hex()}"

    def failure(self, code: int, phase: str) -> Exception:
        """What a result that is no success tells of."""
        message = (self.library.ResultGetMessage(code) or b"").decode(errors="replace")
        if code in LINK:
            return EngineError("link", message)
        if code in KINDS:
            return Trap(KINDS[code], message)
        if code == UNCAUGHT:
            return UncaughtException(message)
        return EngineError(phase, message)

    def put(self, raw: Any, value: Value, functions: Sequence[int]) -> None:
        """Writes a value. A reference's upper half is what it leads to, an externref's the host's number + 1."""
        if value.type not in self.types:
            raise EngineError("call", f"no type of value: {value.type}")
        ctypes.memmove(ctypes.addressof(raw.type), self.types[value.type], 8)
        if value.type not in ("funcref", "externref"):
            raw.bits[0], raw.bits[1] = value.bits & (1 << 64) - 1, value.bits >> 64
            return
        raw.bits[0] = int.from_bytes(self.types[value.type], "little")
        if value.bits < 0:
            raw.bits[1] = 0
        elif value.type == "externref":
            raw.bits[1] = value.bits + 1
        elif value.bits < len(functions):
            raw.bits[1] = functions[value.bits]
        else:
            raise EngineError("call", f"no funcref has the number {value.bits}")

    def take(self, raw: Any, functions: list[int]) -> Value:
        kind = self.name(raw.type)
        low, high = raw.bits
        if kind == "externref":
            return Value(kind, high - 1)
        if kind == "funcref":
            if not high:
                return Value(kind, -1)
            functions.append(high)
            return Value(kind, len(functions) - 1)
        if kind not in self.types:
            raise EngineError("call", f"the binding carries no value of {kind}", "unsupported")
        return Value(kind, (high << 64 | low) & (1 << WIDTHS[kind]) - 1)
