"""wasmi as an `Engine` of the script interpreter: our binding's classes, its exceptions in the interpreter's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import wasm_matrix_wasmi as binding  # type: ignore[import-not-found, unused-ignore]

from runners.bound import Engine, Failures, Memory
from runners.engine import EngineError

__all__ = ["Wasmi"]

KINDS: Mapping[str, Sequence[str]] = {
    "UnreachableCodeReached": ["unreachable"],
    "MemoryOutOfBounds": ["out of bounds memory access"],
    # One code for `table.get` and the like, and for a `call_indirect` past the end.
    "TableOutOfBounds": ["out of bounds table access", "undefined element"],
    "IndirectCallToNull": ["uninitialized element"],
    "IntegerDivisionByZero": ["integer divide by zero"],
    "IntegerOverflow": ["integer overflow"],
    "BadConversionToInteger": ["invalid conversion to integer"],
    "StackOverflow": ["call stack exhausted"],
    "BadSignature": ["indirect call type mismatch"],
}
"""wasmi's trap codes (`wasmi::TrapCode`) → the spec's words that each may stand for."""

_FAILURES = Failures(binding, KINDS)


class Wasmi(Engine):
    """The engine."""

    runtime = "wasmi"
    version: str = binding.__version__
    facts: Mapping[str, str] = {"wasi": "wasmi_wasi", "translation": "lazy"}

    def __init__(self) -> None:
        super().__init__(binding.Engine(), _FAILURES)

    def compile(self, wasm: bytes) -> binding.Module:
        with _FAILURES.of("compile"):
            return self.handle.compile(wasm)

    def shared_memory(self, minimum: int, maximum: int) -> Memory:
        raise EngineError("memory", f"wasmi has no shared memory ({minimum} to {maximum} pages)", "unsupported")
