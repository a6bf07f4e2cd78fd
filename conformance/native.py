"""What threads gain on this machine without WebAssembly: jobs in C with pthreads, to read a `speedup` against."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from runners.provision import cache_folder

__all__ = ["SIZES", "compiled", "seconds", "speedup"]

SIZES = {"reduce": (96_001, 200), "mandelbrot": (201, 400)}
"""Of each job: its `length` and its `iterations`, as in modules/README.md."""

ROUNDS = 3
"""Of these the best counts, on either side: what others do on the machine only slows down."""

_SOURCE = Path(__file__).with_suffix(".c")
_OPTIONS = ("-O1", "-ffp-contract=off", "-pthread")
"""-O2 would sum by vectors, as the modules do not, and memory be what limits it."""
_TIMEOUT = 60.0  # s


@cache
def compiled() -> Path | None:
    """The program, made by the machine's C compiler (`CC`, else `cc`); None where there is none, or it fails."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        return None
    key = hashlib.sha256(f"{compiler} {_OPTIONS}".encode() + _SOURCE.read_bytes()).hexdigest()[:16]
    program = cache_folder("native") / key
    if not program.exists():
        fresh = program.with_suffix(f".{os.getpid()}")
        command = [compiler, *_OPTIONS, str(_SOURCE), "-o", str(fresh)]
        if subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT).returncode:
            return None
        fresh.replace(program)
    return program


def seconds(program: Path, job: str, workers: int, iterations: int | None = None) -> float:
    """How long (s) so many threads took together. Raises subprocess.SubprocessError."""
    length, usual = SIZES[job]
    command = [str(program), job, str(workers), str(length), str(iterations or usual)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_TIMEOUT)
    return float(done.stdout.split()[0])


def speedup(job: str, workers: int) -> float | None:
    """How many times faster than one so many threads are, measured now; None without a C compiler."""
    program = compiled()
    if program is None:
        return None
    rounds = [(seconds(program, job, 1), seconds(program, job, workers)) for _ in range(ROUNDS)]
    return min(alone for alone, _ in rounds) / min(together for _, together in rounds)
