"""Compiled modules on disk: `DIR/<sha256>`, for all runners of one engine version and configuration.

Loading native code is as good as running it: the folder must be writable by its owner alone, as a build folder is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

__all__ = ["Compiled"]

M = TypeVar("M")

SMALLEST = 16 * 1024
"""Modules below this many bytes compile faster than a file is read and checked."""


@dataclass(frozen=True)
class Compiled(Generic[M]):
    """`folder` is for one version and configuration of an engine, None for no cache.

    `compile` and `load` are the engine's; `refused` is what `load` raises for code that is damaged or another engine's.
    """

    folder: Path | None
    compile: Callable[[bytes], M]
    serialize: Callable[[M], bytes | bytearray]
    load: Callable[[Path], M]
    refused: type[Exception]

    def module(self, wasm: bytes) -> M:
        """`wasm` compiled, from the folder where it is there. Errors: those of `compile`."""
        if self.folder is None or len(wasm) < SMALLEST:
            return self.compile(wasm)
        path = self.folder / hashlib.sha256(wasm).hexdigest()
        if path.exists():
            # Damaged, or of another machine's processor: compile again, and put that in its place.
            with contextlib.suppress(self.refused):
                return self.load(path)
        module = self.compile(wasm)
        with contextlib.suppress(OSError):  # a full disk costs time, not cells
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, self.serialize(module))
        return module


def _write(path: Path, code: bytes | bytearray) -> None:
    # Never in place: another runner has the old file mapped, and would die of SIGBUS.
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(code)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
