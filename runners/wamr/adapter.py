"""WAMR as an `Engine` of the script interpreter."""

from __future__ import annotations

from collections.abc import Mapping
from ctypes import byref, c_uint32
from pathlib import Path
from typing import Any

from runners.commands import command
from runners.engine import EngineError, Grant, WasiOutcome
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
        def run(*files: Path) -> int:
            store = self.store()
            with files[0].open("rb") as stdin, files[1].open("wb") as stdout, files[2].open("wb") as stderr:
                try:
                    return store.run(code, grant, (stdin.fileno(), stdout.fileno(), stderr.fileno()))
                finally:
                    store.close()

        return command(grant, scratch, run)
