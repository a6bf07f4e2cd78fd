"""wasmer as an `Engine` of the script interpreter: our binding's classes, its exceptions in the interpreter's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import wasm_matrix_wasmer as binding  # type: ignore[import-not-found, unused-ignore]

from runners.compiled import Compiled
from runners.engine import EngineError, Exit, Grant, Trap, UncaughtException, Value, WasiOutcome

__all__ = ["COMPILERS", "Wasmer"]

COMPILERS = ("cranelift", "singlepass")

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


def _failure(error: Exception) -> Exception:
    if isinstance(error, binding.Trap):
        code, message = error.args
        return Trap(KINDS.get(code, ()), message)
    if isinstance(error, binding.UncaughtException):
        return UncaughtException(*error.args)
    if isinstance(error, binding.Exit):
        return Exit(*error.args)
    if isinstance(error, binding.HostError):
        return EngineError(*error.args)
    return error


@contextmanager
def _failures(phase: str = "call") -> Iterator[None]:
    try:
        yield
    except (binding.Trap, binding.UncaughtException, binding.Exit, binding.HostError) as error:
        raise _failure(error) from None
    except OverflowError as error:
        # A negative address, or a number that no u32 holds: it has not reached wasmer.
        raise EngineError(phase, str(error)) from None


class Memory:
    """A memory of a store, or a shared one; `handle` is the binding's."""

    def __init__(self, handle: binding.Memory | binding.SharedMemory) -> None:
        self.handle = handle

    def pages(self) -> int:
        with _failures("memory"):
            return int(self.handle.pages())

    def read(self, address: int, length: int) -> bytes:
        with _failures("memory"):
            return bytes(self.handle.read(address, length))

    def write(self, address: int, data: bytes) -> None:
        with _failures("memory"):
            self.handle.write(address, data)


class Instance:
    def __init__(self, handle: binding.Instance) -> None:
        self._handle = handle

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]:
        with _failures():
            values = [Value(*value) for value in self._handle.invoke(name, args)]
        if [value.type for value in values] != list(results):
            raise EngineError("call", f"results of types {[value.type for value in values]}, not {list(results)}")
        return values

    def get(self, name: str) -> Value | None:
        with _failures():
            value = self._handle.get(name)
        return None if value is None else Value(*value)

    def set(self, name: str, value: Value) -> None:
        with _failures():
            self._handle.set(name, value)

    def memory(self) -> Memory | None:
        handle = self._handle.memory()
        return None if handle is None else Memory(handle)

    def exports(self) -> Mapping[str, Any]:
        return dict(self._handle.exports())


class Store:
    def __init__(self, engine: binding.Engine) -> None:
        self._handle = binding.Store(engine)

    def instantiate(self, code: binding.Module, imports: Mapping[tuple[str, str], Any], wasi: Grant | None) -> Instance:
        given = {
            name: item.handle if isinstance(item, Memory) else item
            for name in code.imports()
            if (item := imports.get(name)) is not None
        }
        with _failures("instantiate"):
            return Instance(self._handle.instantiate(code, given, wasi and _plain(wasi)))

    def memory(self, minimum: int, maximum: int | None) -> Memory:
        with _failures("memory"):
            return Memory(self._handle.memory(minimum, maximum))

    def close(self) -> None:
        """Nothing: the store ends with the last of its instances and memories."""


def _plain(grant: Grant) -> Grant:
    # The binding takes lists and dicts alone.
    return Grant(list(grant.args), dict(grant.env), grant.stdin, list(grant.preopens))


class Wasmer:
    """The engine with one of its compilers. `cache` is a folder for compiled modules, or None for none."""

    runtime = "wasmer"

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
        with _failures():
            return self._compiled.module(wasm)

    def imports(self, code: binding.Module) -> list[tuple[str, str]]:
        return list(code.imports())

    def store(self) -> Store:
        return Store(self._engine)

    def shared_memory(self, minimum: int, maximum: int) -> Memory:
        with _failures("memory"):
            return Memory(binding.SharedMemory(self._engine, minimum, maximum))

    def memory(self, store: Any, minimum: int, maximum: int | None) -> Memory:
        made: Memory = store.memory(minimum, maximum)
        return made

    def run_command(self, code: binding.Module, grant: Grant, scratch: Path) -> WasiOutcome:
        del scratch  # what a command prints comes through memory
        with _failures("wasi"):
            exit_code, ended, stdout, stderr = self._engine.run_command(code, _plain(grant))
        return WasiOutcome(exit_code, stdout, stderr, None if ended is None else _failure(ended))
