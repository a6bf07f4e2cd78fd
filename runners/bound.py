"""Adapters over bindings of ours (see maturin.py): what their classes have in common, as the parts of an `Engine`.

A binding gives `Store`, `Instance`, `Memory` and, as exceptions, `HostError` (phase, message), `Trap` (code, message),
`UncaughtException` (message) and `Exit` (code): `runners/rust/` has what is the same in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runners.engine import Code, EngineError, Exit, Grant, Trap, UncaughtException, Value, WasiOutcome

__all__ = ["Engine", "Failures", "Instance", "Memory", "Store"]


@dataclass(frozen=True)
class Failures:
    """A binding's exceptions in the interpreter's words; `kinds` by the engine's trap codes."""

    binding: Any
    kinds: Mapping[str, Sequence[str]]

    def told(self, error: Exception) -> Exception:
        """`error` in the interpreter's words; itself where it is none of the binding's."""
        if isinstance(error, self.binding.Trap):
            code, message = error.args
            return Trap(self.kinds.get(code, ()), message)
        if isinstance(error, self.binding.Exit):
            return Exit(*error.args)
        if isinstance(error, self.binding.HostError):
            return EngineError(*error.args)
        if isinstance(error, self.binding.UncaughtException):
            return UncaughtException(*error.args)
        return error

    @contextmanager
    def of(self, phase: str = "call") -> Iterator[None]:
        """What the binding raises within is raised in the interpreter's words; `phase` for what never got that far."""
        try:
            yield
        except OverflowError as error:
            # A negative address, or a number that no u32 holds: it has not reached the engine.
            raise EngineError(phase, str(error)) from None
        except Exception as error:
            told = self.told(error)
            if told is error:
                raise
            raise told from None


@dataclass(frozen=True)
class Memory:
    """A memory; `handle` is the binding's."""

    handle: Any
    failures: Failures

    def pages(self) -> int:
        with self.failures.of("memory"):
            return int(self.handle.pages())

    def read(self, address: int, length: int) -> bytes:
        with self.failures.of("memory"):
            return bytes(self.handle.read(address, length))

    def write(self, address: int, data: bytes) -> None:
        with self.failures.of("memory"):
            self.handle.write(address, data)


@dataclass(frozen=True)
class Instance:
    """An instance; `handle` is the binding's."""

    handle: Any
    failures: Failures

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]:
        with self.failures.of():
            values = [Value(*value) for value in self.handle.invoke(name, args)]
        if [value.type for value in values] != list(results):
            raise EngineError("call", f"results of types {[value.type for value in values]}, not {list(results)}")
        return values

    def get(self, name: str) -> Value | None:
        with self.failures.of():
            value = self.handle.get(name)
        return None if value is None else Value(*value)

    def set(self, name: str, value: Value) -> None:
        with self.failures.of():
            self.handle.set(name, value)

    def memory(self) -> Memory | None:
        handle = self.handle.memory()
        return None if handle is None else Memory(handle, self.failures)

    def exports(self) -> Mapping[str, Any]:
        return dict(self.handle.exports())


@dataclass(frozen=True)
class Store:
    """A store; `handle` is the binding's. It ends with the last of its instances and memories."""

    handle: Any
    failures: Failures

    def instantiate(self, code: Code, imports: Mapping[tuple[str, str], Any], wasi: Grant | None) -> Instance:
        given = {
            name: item.handle if isinstance(item, Memory) else item
            for name in code.imports()
            if (item := imports.get(name)) is not None
        }
        with self.failures.of("instantiate"):
            return Instance(self.handle.instantiate(code, given, wasi and _plain(wasi)), self.failures)

    def memory(self, minimum: int, maximum: int | None) -> Memory:
        with self.failures.of("memory"):
            return Memory(self.handle.memory(minimum, maximum), self.failures)

    def close(self) -> None:
        """Nothing: see above."""


class Engine:
    """What is the same in every engine; `handle` is the binding's."""

    def __init__(self, handle: Any, failures: Failures) -> None:
        self.handle, self.failures = handle, failures

    def imports(self, code: Code) -> list[tuple[str, str]]:
        return list(code.imports())

    def store(self) -> Store:
        return Store(self.failures.binding.Store(self.handle), self.failures)

    def memory(self, store: Any, minimum: int, maximum: int | None) -> Memory:
        made: Memory = store.memory(minimum, maximum)
        return made

    def run_command(self, code: Code, grant: Grant, scratch: Path) -> WasiOutcome:
        del scratch  # what a command prints comes through memory
        with self.failures.of("wasi"):
            exit_code, ended, stdout, stderr = self.handle.run_command(code, _plain(grant))
        return WasiOutcome(exit_code, stdout, stderr, None if ended is None else self.failures.told(ended))


def _plain(grant: Grant) -> Grant:
    """The grant as a binding takes it: in lists and dicts alone."""
    return Grant(list(grant.args), dict(grant.env), grant.stdin, list(grant.preopens))
