"""Standard input, output and error for wasmer 1's WASI, which knows only those of the process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

__all__ = ["DRAIN", "Streams"]

DRAIN = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\00\\80\\00\\00") ;; one buffer: 32 KiB at 16
  (func (export "drain")
    (loop $more
      (if (i32.eqz (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (then (br_if $more (i32.load (i32.const 8))))))))"""
"""Reads standard input to its end, through the engine."""


class Streams:
    """As a context: the process's descriptors are these files, and what was there before comes back.

    The engine reads standard input through a buffer of the whole process. What one module leaves there the next would
    find: `drain` must read it away, and is called when standard input is at its end.
    """

    def __init__(self, files: dict[int, Path], drain: Callable[[], None]) -> None:
        self._files, self._drain = files, drain
        self._kept: dict[int, int] = {}

    def __enter__(self) -> None:
        for number, path in self._files.items():
            self._kept[number] = os.dup(number)
            _put(number, path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, kept in self._kept.items():
            os.dup2(kept, number)
            os.close(kept)
        if 0 in self._kept:
            self._drain()  # its own standard input is at its end: _Wire of runners/protocol.py saw to that
        self._kept.clear()


def _put(number: int, path: Path, flags: int) -> None:
    opened = os.open(path, flags, 0o600)
    os.dup2(opened, number)
    os.close(opened)
