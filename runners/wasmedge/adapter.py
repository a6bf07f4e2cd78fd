"""WasmEdge as an `Engine` of the script interpreter."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runners.commands import command
from runners.engine import Grant, WasiOutcome
from runners.wasmedge.memory import HostMemory
from runners.wasmedge.module import Code
from runners.wasmedge.native import Native
from runners.wasmedge.store import Store, stdio

__all__ = ["WasmEdge"]


class WasmEdge:
    """The engine: its interpreter."""

    runtime = "wasmedge"

    def __init__(self, library: Path) -> None:
        self._native = Native(library)
        self.version: str = self._native.library.VersionGet().decode().split("-")[0]
        self.facts: Mapping[str, str] = {
            "mode": "interpreter",
            "library": f"{library.stat().st_size // 1024} KiB",
        }

    def compile(self, wasm: bytes) -> Code:
        return Code(self._native, wasm)

    def imports(self, code: Code) -> list[tuple[str, str]]:
        return list(code.imports)

    def store(self) -> Store:
        return Store(self._native)

    def shared_memory(self, minimum: int, maximum: int) -> HostMemory:
        return HostMemory(self._native.library, minimum, maximum, shared=True)

    def memory(self, store: Any, minimum: int, maximum: int | None) -> HostMemory:
        del store  # every store may import it
        return HostMemory(self._native.library, minimum, maximum, shared=False)

    def run_command(self, code: Code, grant: Grant, scratch: Path) -> WasiOutcome:
        def run(*files: Path) -> int:
            store = self.store()
            with files[0].open("rb") as stdin, files[1].open("wb") as stdout, files[2].open("wb") as stderr:
                sys.stderr.flush()
                with stdio(stdin.fileno(), stdout.fileno(), stderr.fileno()):
                    try:
                        store.run(code, grant)
                    finally:
                        store.close()
            return 0

        return command(grant, scratch, run)
