"""wasmer as an `Engine` of the script interpreter: our binding's classes, its exceptions in the interpreter's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import wasm_matrix_wasmer as binding  # type: ignore[import-not-found, unused-ignore]

from runners.bound import Failures, Memory, Store, plain
from runners.compiled import Compiled
from runners.engine import Grant, WasiOutcome

__all__ = ["COMPILERS", "Wasmer"]

COMPILERS = ("cranelift", "singlepass", "llvm")

KINDS: Mapping[str, Sequence[str]] = {
    "stk_ovf": ["call stack exhausted"],
    "heap_get_oob": ["out of bounds memory access"],
    "heap_misaligned": ["unaligned atomic"],
    "unalign_atom": ["unaligned atomic"],
    # One code for `table.get` and the like, and for a `call_indirect` past the end.
    "table_get_oob": ["out of bounds table access", "undefined element"],
    "icall_null": ["uninitialized element"],
    "bad_sig": ["indirect call type mismatch"],
    "int_ovf": ["integer overflow"],
    "int_divz": ["integer divide by zero"],
    "bad_toint": ["invalid conversion to integer"],
    "unreachable": ["unreachable"],
    "uninitialized_exnref": ["null reference"],
}
"""wasmer's trap codes (`wasmer_types::TrapCode`) → the spec's words that each may stand for."""


_FAILURES = Failures(binding, KINDS)


class Wasmer:
    """The engine with one of its compilers. `cache` is a folder for compiled modules, or None for none."""

    runtime = "wasmer"
    thread_spawn = "engine"

    def __init__(self, compiler: str, cache: Path | None = None) -> None:
        self._engine = binding.Engine(compiler)
        self.version: str = binding.__version__
        self.facts: Mapping[str, str] = {"compiler": compiler, "wasi": f"wasmer-wasix {binding.WASIX}"}
        self._compiled = Compiled(
            folder=None if cache is None else cache / f"wasmer-{self.version}-{compiler}",
            compile=self._engine.compile,
            serialize=binding.Module.serialize,
            load=self._engine.deserialize,
            refused=binding.HostError,
        )

    def compile(self, wasm: bytes) -> binding.Module:
        with _FAILURES.of("compile"):
            return self._compiled.module(wasm)

    def imports(self, code: binding.Module) -> list[tuple[str, str]]:
        return list(code.imports())

    def store(self) -> Store:
        return Store(binding.Store(self._engine), _FAILURES)

    def shared_memory(self, minimum: int, maximum: int) -> Memory:
        with _FAILURES.of("memory"):
            return Memory(binding.SharedMemory(self._engine, minimum, maximum), _FAILURES)

    def memory(self, store: Any, minimum: int, maximum: int | None) -> Memory:
        made: Memory = store.memory(minimum, maximum)
        return made

    def run_command(self, code: binding.Module, grant: Grant, scratch: Path) -> WasiOutcome:
        del scratch  # what a command prints comes through memory
        with _FAILURES.of("wasi"):
            exit_code, ended, stdout, stderr = self._engine.run_command(code, plain(grant))
        return WasiOutcome(exit_code, stdout, stderr, None if ended is None else _FAILURES.told(ended))
