"""Processes of ours and their scratch folders: none outlives us."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

__all__ = ["end", "family_of", "guarded", "make_scratch", "remove_scratch", "sweep_scratch"]

_PREFIX = "wasm-matrix-"
_GUARD = str(Path(__file__).with_name("_guard.py"))


def guarded(death_signal: signal.Signals) -> list[str]:
    """What a command line begins with whose process must not outlive this one: see _guard.py."""
    return [sys.executable, "-I", "-S", _GUARD, str(os.getpid()), str(int(death_signal))]


def family_of(pid: int) -> list[psutil.Process]:
    """All processes of a runner's session: its descendants too when they have lost their parent."""
    members = []
    for other in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(other) == pid:
                members.append(psutil.Process(other))
    return members


def _descendants(pid: int) -> list[psutil.Process]:
    """Those too that started a session of their own. Slower than `family_of`: it reads the whole process table."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=True)
    return []


def end(process: subprocess.Popen[bytes], grace: float) -> None:
    """Ends a process and all that descends from it: SIGTERM first, then, `grace` seconds later, SIGKILL."""
    family = _descendants(process.pid)
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    family += family_of(process.pid)
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()
    process.wait()
    psutil.wait_procs(family, 2.0)  # SIGKILL takes a moment, and what follows must find nothing


def make_scratch() -> Path:
    """A fresh folder, whose name says which process it belongs to."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


def remove_scratch(folder: Path) -> None:
    """Deletes it, though a browser's helper that is just dying may still write."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


def sweep_scratch() -> None:
    """Deletes the scratch folders of hosts that are no more (killed with SIGKILL, a power cut)."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)) and folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
