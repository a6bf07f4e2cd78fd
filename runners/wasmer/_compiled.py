"""Compiled modules on disk: `DIR/<sha256>`, shared by all runners of one release and compiler.

Loading native code is as good as running it: the folder must be writable by its owner alone, as a build folder is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import wasm_matrix_wasmer as binding  # type: ignore[import-not-found, unused-ignore]

__all__ = ["Compiled"]

SMALLEST = 16 * 1024
"""Modules below this many bytes compile faster than a file is read and checked."""


class Compiled:
    """`folder` is for one release of wasmer and one compiler."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def module(self, engine: binding.Engine, wasm: bytes) -> binding.Module:
        """`wasm` compiled, from the folder where it has it. Errors: binding.HostError where `wasm` does not compile."""
        if len(wasm) < SMALLEST:
            return engine.compile(wasm)
        path = self._folder / hashlib.sha256(wasm).hexdigest()
        if path.exists():
            # Damaged, or of another machine's processor: compile again, and put that in its place.
            with contextlib.suppress(binding.HostError):
                return engine.deserialize(path)
        module = engine.compile(wasm)
        with contextlib.suppress(OSError):  # a full disk costs time, not cells
            self._keep(path, module.serialize())
        return module

    def _keep(self, path: Path, code: bytes) -> None:
        # Never in place: another runner has the old file mapped, and would die of SIGBUS.
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(code)
            part.replace(path)
        except BaseException:
            part.unlink()
            raise
