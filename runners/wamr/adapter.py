"""WAMR as an `Engine` of the script interpreter."""

from __future__ import annotations

from collections.abc import Mapping
from ctypes import byref, c_uint32
from pathlib import Path
from typing import Any

from runners.engine import EngineError, Grant, Trap, UncaughtException, WasiOutcome
from runners.wamr import _library
from runners.wamr.memory import HostMemory
from runners.wamr.module import Code
from runners.wamr.store import Store

__all__ = ["Wamr"]

MOST_THREADS = 1024
"""That a module may start by itself (wasi-threads); WAMR's default is 4."""


class Wamr:
    """The engine. `library` was built with that interpreter."""

    runtime = "wamr"
    thread_spawn = "engine"

    def __init__(self, library: Path, interpreter: str) -> None:
        self._library = _library.loaded(library)
        if not self._library.wasm_runtime_init():
            raise EngineError("compile", "WAMR does not start")
        self._library.wasm_runtime_set_log_level(1)  # errors; its warnings repeat what the results say
        self._library.wasm_runtime_set_max_thread_num(MOST_THREADS)
        numbers = [c_uint32(), c_uint32(), c_uint32()]
        self._library.wasm_runtime_get_version(*map(byref, numbers))
        self.version = ".".join(str(number.value) for number in numbers)
        self.facts: Mapping[str, str] = {
            "interpreter": interpreter,
            "bounds": "checked in software",
            "library": f"{library.stat().st_size // 1024} KiB",
        }

    def compile(self, wasm: bytes) -> Code:
        return Code(self._library, wasm)

    def imports(self, code: Code) -> list[tuple[str, str]]:
        return [(item.module, item.name) for item in code.imports]

    def store(self) -> Store:
        return Store(self._library)

    def shared_memory(self, minimum: int, maximum: int) -> HostMemory:
        return HostMemory(minimum, maximum, shared=True)

    def memory(self, store: Any, minimum: int, maximum: int | None) -> HostMemory:
        del store  # it becomes one with the instance that imports it
        return HostMemory(minimum, maximum, shared=False)

    def run_command(self, code: Code, grant: Grant, scratch: Path) -> WasiOutcome:
        paths = [scratch / name for name in ("stdin", "stdout", "stderr")]
        paths[0].write_bytes(grant.stdin)
        store, exit_code, ended = self.store(), None, None
        with paths[0].open("rb") as stdin, paths[1].open("wb") as stdout, paths[2].open("wb") as stderr:
            try:
                exit_code = store.run(code, grant, (stdin.fileno(), stdout.fileno(), stderr.fileno()))
            except (Trap, UncaughtException, EngineError) as error:
                ended = error
            finally:
                store.close()
        return WasiOutcome(exit_code, paths[1].read_bytes(), paths[2].read_bytes(), ended)
