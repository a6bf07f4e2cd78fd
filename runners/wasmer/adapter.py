"""wasmer as an `Engine` of the script interpreter: our binding's classes, its exceptions in the interpreter's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import wasm_matrix_wasmer as binding  # type: ignore[import-not-found, unused-ignore]

from runners.bound import Engine, Failures, Memory
from runners.compiled import Compiled

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


class Wasmer(Engine):
    """The engine with one of its compilers. `cache` is a folder for compiled modules, or None for none."""

    runtime = "wasmer"
    thread_spawn = "engine"

    def __init__(self, compiler: str, cache: Path | None = None) -> None:
        super().__init__(binding.Engine(compiler), _FAILURES)
        self.version: str = binding.__version__
        self.facts: Mapping[str, str] = {"compiler": compiler, "wasi": f"wasmer-wasix {binding.WASIX}"}
        self._compiled = Compiled(
            folder=None if cache is None else cache / f"wasmer-{self.version}-{compiler}",
            compile=self.handle.compile,
            serialize=binding.Module.serialize,
            load=self.handle.deserialize,
            refused=binding.HostError,
        )

    def compile(self, wasm: bytes) -> binding.Module:
        with _FAILURES.of("compile"):
            return self._compiled.module(wasm)

    def shared_memory(self, minimum: int, maximum: int) -> Memory:
        with _FAILURES.of("memory"):
            return Memory(binding.SharedMemory(self.handle, minimum, maximum), _FAILURES)
