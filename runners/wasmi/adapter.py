"""wasmi as an `Engine` of the script interpreter: our binding's classes, its exceptions in the interpreter's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import wasm_matrix_wasmi as binding  # type: ignore[import-not-found, unused-ignore]

from runners.bound import Failures, Memory, Store, plain
from runners.engine import EngineError, Grant, WasiOutcome

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


class Wasmi:
    """The engine."""

    runtime = "wasmi"
    version: str = binding.__version__
    facts: Mapping[str, str] = {"wasi": "wasmi_wasi", "translation": "lazy"}

    def __init__(self) -> None:
        self._engine = binding.Engine()

    def compile(self, wasm: bytes) -> binding.Module:
        with _FAILURES.of("compile"):
            return self._engine.compile(wasm)

    def imports(self, code: binding.Module) -> list[tuple[str, str]]:
        return list(code.imports())

    def store(self) -> Store:
        return Store(binding.Store(self._engine), _FAILURES)

    def shared_memory(self, minimum: int, maximum: int) -> Memory:
        raise EngineError("memory", f"wasmi has no shared memory ({minimum} to {maximum} pages)", "unsupported")

    def memory(self, store: Any, minimum: int, maximum: int | None) -> Memory:
        made: Memory = store.memory(minimum, maximum)
        return made

    def run_command(self, code: binding.Module, grant: Grant, scratch: Path) -> WasiOutcome:
        del scratch  # what a command prints comes through memory
        with _FAILURES.of("wasi"):
            exit_code, ended, stdout, stderr = self._engine.run_command(code, plain(grant))
        return WasiOutcome(exit_code, stdout, stderr, None if ended is None else _FAILURES.told(ended))
