"""A runner's children and theirs: none may outlive it, whoever of them dies first."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import time

import psutil

__all__ = ["adopt_orphans", "end_all", "wait_for_end"]

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_PATIENCE = 3.0  # seconds


def adopt_orphans() -> None:
    """On Linux, a browser whose driver was killed becomes our child: `end_all` then finds it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_all() -> None:
    """Kills all that descends from this process, and what is being started meanwhile."""
    limit = time.monotonic() + _PATIENCE
    while (family := psutil.Process().children(recursive=True)) and time.monotonic() < limit:
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
        psutil.wait_procs(family, timeout=0.1)


def wait_for_end(pid: int) -> None:
    """Blocks until that process is no more (a zombie counts as none)."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(timeout=0.2)
                return
