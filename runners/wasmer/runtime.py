"""wasmer: 7.4 by our own binding, built once with Rust; 1.1 by the wheels of PyPI. Each compiler is a mode."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Protocol

from runners import pythons
from runners.maturin import Binding
from runners.provision import Environment, cache_folder, launcher
from runners.runtime import InstallError, Log, Source, State, Target
from runners.wasmer.llvm import LLVM

__all__ = ["BINDING", "LLVM_BINDING", "WASMER"]

BINDING = Binding("wasmer", "7.4.2", Path(__file__).parent / "binding", minutes=10)
LLVM_BINDING = replace(BINDING, features=("llvm",), library=LLVM)
"""A wheel of its own, so that the other compilers want no LLVM."""

_HERE = Path(__file__).parent


class _Release(Protocol):
    """A version, and how it comes here."""

    def state(self, mode: str) -> State: ...
    def install(self, mode: str, log: Log) -> None: ...
    def command(self, target: Target, mode: str) -> list[str]: ...


class _Built:
    """By our binding."""

    def _binding(self, mode: str) -> Binding:
        return LLVM_BINDING if mode == "llvm" else BINDING

    def state(self, mode: str) -> State:
        state = self._binding(mode).state()
        compiling = 600.0 if mode == "llvm" else 0.0  # 23 seconds of a processor for Go's
        return replace(state, say=f"{state.say} ({mode})", compiling=compiling) if state.kind == "ready" else state

    def install(self, mode: str, log: Log) -> None:
        self._binding(mode).install(log)

    def command(self, target: Target, mode: str) -> list[str]:
        cache = cache_folder("compiled", target.name)
        return launcher(self._binding(mode).environment(), "wasmer", "--compiler", mode, "--cache", str(cache))


class _Wheels:
    """By PyPI's wheels, of which there are none for a newer Python than this."""

    PYTHON = "3.10"

    def _environment(self, interpreter: pythons.Interpreter) -> Environment:
        return Environment("wasmer-1.1", _HERE / "requirements-1.1.txt", interpreter=interpreter)

    def state(self, mode: str) -> State:
        if mode == "llvm":
            return State(
                "missing", "wasmer 1.1.0's package for LLVM ends the process that imports it; 7.4 has this mode"
            )
        found = pythons.find(self.PYTHON)
        if found is None:
            needs = f"install CPython {self.PYTHON} (on PATH, by pyenv or by uv)"
            return State("missing", f"wasmer 1.1.0 has no wheel for a newer Python: {needs}")
        if self._environment(found).ready:
            return State("ready", f"wasmer 1.1.0 ({mode}) from PyPI, on Python {found.release}")
        return State("installable", f"install wasmer 1.1.0 from PyPI into an environment of Python {found.release}")

    def install(self, mode: str, log: Log) -> None:
        found = pythons.find(self.PYTHON)
        if found is None or mode == "llvm":
            raise InstallError(self.state(mode).say)
        self._environment(found).install(log)

    def command(self, target: Target, mode: str) -> list[str]:  # noqa: ARG002 (it needs no folder of its own)
        found = pythons.find(self.PYTHON)
        assert found
        return launcher(self._environment(found), "wasmer.v1", "--compiler", mode)


class _Wasmer:
    name = "wasmer"
    versions: ClassVar[Mapping[str, str]] = {"7.4": BINDING.release, "1.1": "1.1.0"}
    sources = (Source("crates.io", "wasmer"), Source("PyPI", "wasmer", _Wheels.PYTHON))
    open_versions = False
    modes = ("cranelift", "singlepass", "llvm")
    is_browser = False
    death_signal = signal.SIGKILL
    _releases: ClassVar[Mapping[str, _Release]] = {"7.4": _Built(), "1.1": _Wheels()}

    def _release(self, target: Target) -> _Release:
        return self._releases[target.version or ""]

    def state(self, target: Target) -> State:
        return self._release(target).state(target.mode or "")

    def install(self, target: Target, log: Log) -> None:
        self._release(target).install(target.mode or "", log)

    def command(self, target: Target) -> list[str]:
        return self._release(target).command(target, target.mode or "cranelift")


WASMER = _Wasmer()
