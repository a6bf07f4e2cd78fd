"""Compiled modules on disk: `DIR/<engine>/<sha256>.cwasm`, for all runners of one engine version and configuration.

Loading native code is as good as running it: the folder must be writable by its owner alone, as a build folder is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import wasmtime

__all__ = ["Cache"]

SMALLEST = 16 * 1024
"""Modules below this many bytes compile faster than a file is read and checked."""


class Cache:
    """`folder` is for one version and configuration of the engine (the engine itself refuses code of another)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def module(self, engine: wasmtime.Engine, wasm: bytes) -> wasmtime.Module:
        """`wasm` compiled, from the folder where it is there. Errors: WasmtimeError where it does not compile."""
        if len(wasm) < SMALLEST:
            return wasmtime.Module(engine, wasm)
        path = self._folder / f"{hashlib.sha256(wasm).hexdigest()}.cwasm"
        if path.exists():
            # Damaged, or of another machine's processor: compile again, and put that in its place.
            with contextlib.suppress(wasmtime.WasmtimeError):
                return wasmtime.Module.deserialize_file(engine, str(path))
        module = wasmtime.Module(engine, wasm)
        with contextlib.suppress(OSError):  # a full disk costs time, not cells
            self._keep(path, module.serialize())
        return module

    def _keep(self, path: Path, code: bytes | bytearray) -> None:
        # Never in place: another runner has the old file mapped, and would die of SIGBUS.
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(code)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise
