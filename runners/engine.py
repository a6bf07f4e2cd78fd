"""The seam between the Python script interpreter and an engine: one small adapter per engine implements `Engine`.

Adapters run inside a runtime's own environment: this module and all it imports use the standard library alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

__all__ = [
    "THREAD_SPAWN",
    "WASI",
    "Asked",
    "Code",
    "Engine",
    "EngineError",
    "Exit",
    "Grant",
    "Instance",
    "Limited",
    "Memory",
    "Preopen",
    "Store",
    "Threaded",
    "Trap",
    "UncaughtException",
    "Value",
    "WasiOutcome",
]

PAGE = 65536

WASI = "wasi_snapshot_preview1"

THREAD_SPAWN = ("wasi", "thread-spawn")
"""What a WASI program imports to start threads: https://github.com/WebAssembly/wasi-threads."""


class Value(NamedTuple):
    """A WebAssembly value: its type's name and its bits as an unsigned integer (32, 64 or 128 of them).

    For `funcref` and `externref`, `bits` is an index that the host gave out, or -1 for null.
    """

    type: str
    bits: int


class EngineError(Exception):
    """It could not be done: `phase`, `name` and, of a spawn, `started` as in PROTOCOL.md.

    Phases of an engine: `compile`, `link`, `instantiate`, `call`, `memory`, `wasi`, `spawn`.
    """

    def __init__(self, phase: str, message: str, name: str = "", started: int | None = None) -> None:
        super().__init__(message)
        self.phase, self.name, self.started = phase, name, started


class Trap(Exception):
    """The module trapped. `kinds` are the spec's words that the engine's message may stand for."""

    def __init__(self, kinds: Sequence[str], message: str) -> None:
        super().__init__(message)
        self.kinds = list(kinds)


class UncaughtException(Exception):
    """A wasm exception that nobody caught reached the host."""


class Exit(Exception):
    """The module called WASI's `proc_exit`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"proc_exit({code})")
        self.code = code


@dataclass(frozen=True)
class Preopen:
    """A folder of the host (`path`, absolute) that the guest sees as `guest`, readable and writable."""

    guest: str
    path: Path


@dataclass(frozen=True)
class Grant:
    """What a module may have of the outside, and no more. The interpreter has already made and filled the folders."""

    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    preopens: Sequence[Preopen] = ()


@dataclass(frozen=True)
class WasiOutcome:
    """How a WASI command ended: `exit` is its code; or `ended`, the Trap, UncaughtException or EngineError."""

    exit: int | None
    stdout: bytes
    stderr: bytes
    ended: Exception | None = None


class Memory(Protocol):
    """A linear memory. Addresses and lengths in bytes; outside of it: `EngineError("memory", …)`."""

    def pages(self) -> int: ...
    def read(self, address: int, length: int) -> bytes: ...
    def write(self, address: int, data: bytes) -> None: ...


class Instance(Protocol):
    """An instance of a module. It belongs to the thread that made it.

    All may raise Trap, UncaughtException, Exit, EngineError.
    """

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]: ...
    def get(self, name: str) -> Value | None:
        """The value of an exported global; None where there is no global of that name."""
        ...

    def set(self, name: str, value: Value) -> None: ...
    def memory(self) -> Memory | None:
        """The memory exported as `memory` (or the only one exported); None without."""
        ...

    def exports(self) -> Mapping[str, Any]:
        """Opaque handles by name, good as imports of another instance of the same store."""
        ...


Code = Any
"""A compiled module: opaque, may be kept, shared between threads and instantiated many times."""


class Store(Protocol):
    """Where instances live that may import from each other. One a script, and one more for each thread."""

    def instantiate(self, code: Code, imports: Mapping[tuple[str, str], Any], wasi: Grant | None) -> Instance:
        """`imports` by (module, field): handles of this store, or memories of `Engine.memory`.

        `wasi` is None where the module imports none of it. Errors: EngineError of phase `link` or `instantiate`, Trap.
        """
        ...

    def close(self) -> None: ...


@runtime_checkable
class Asked(Protocol):
    """An `Engine` that can tell of its features what no script can ask it."""

    def findings(self) -> Mapping[str, Mapping[str, str]]:
        """The `findings` of a hello (PROTOCOL.md)."""
        ...


@runtime_checkable
class Limited(Protocol):
    """An `Engine` that can end a script by itself: what runs then raises EngineError of phase `deadline`."""

    def limit(self, seconds: float) -> AbstractContextManager[None]:
        """Around each script, which may take so many seconds. Waits may be beyond it: those the host ends."""
        ...


@runtime_checkable
class Threaded(Protocol):
    """An `Engine` whose `run_command` also takes programs that import `THREAD_SPAWN`.

    `thread_spawn` says who provides it: `engine`, or `host`, a function of our runner's."""

    thread_spawn: str


class Engine(Protocol):
    """A WebAssembly engine as the interpreter needs it."""

    runtime: str
    version: str
    facts: Mapping[str, Any]

    def compile(self, wasm: bytes) -> Code:
        """Errors: EngineError of phase `compile`."""
        ...

    def imports(self, code: Code) -> list[tuple[str, str]]:
        """The (module, field) pairs that the module imports."""
        ...

    def store(self) -> Store: ...
    def shared_memory(self, minimum: int, maximum: int) -> Memory:
        """A shared memory, usable in every store. EngineError("memory", …, "unsupported") where there is none."""
        ...

    def memory(self, store: Store, minimum: int, maximum: int | None) -> Memory:
        """An unshared memory of that store."""
        ...

    def run_command(self, code: Code, grant: Grant, scratch: Path) -> WasiOutcome:
        """Runs a WASI preview 1 command with the engine's own WASI. `scratch` is an empty folder for its use.

        EngineError("wasi", …, "unsupported") where the engine has none."""
        ...
