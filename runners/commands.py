"""WASI commands whose standard streams are files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runners.engine import Exit, Grant, Trap, UncaughtException, WasiOutcome

__all__ = ["command"]


def command(grant: Grant, scratch: Path, run: Callable[[Path, Path, Path], int]) -> WasiOutcome:
    """How `run` ended, which gets the files of standard input, output and error, and gives the exit code.

    What it opened is closed by then: what was written is there to read. Errors: EngineError, of `run`."""
    stdin, stdout, stderr = (scratch / name for name in ("stdin", "stdout", "stderr"))
    stdin.write_bytes(grant.stdin)
    exit_code, ended = None, None
    try:
        exit_code = run(stdin, stdout, stderr)
    except Exit as end:
        exit_code = end.code
    except (Trap, UncaughtException) as error:
        ended = error
    return WasiOutcome(exit_code, stdout.read_bytes(), stderr.read_bytes(), ended)
