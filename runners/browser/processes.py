"""A runner's children and theirs: none may outlive it, whoever of them dies first."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time

import psutil

from runners._guard import end_with

__all__ = ["adopt_orphans", "end_all", "shepherd", "wait_for_end"]

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_PATIENCE = 3.0  # seconds


def shepherd() -> None:
    """Goes on in a child. This process waits for it, ends what it leaves behind, and ends as it did.

    So both may be killed: on Linux a child whose parent is no more gets SIGTERM, and ends all in its own way. To be
    called before there are threads, which no fork takes along.
    """
    adopt_orphans()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        end_with(parent, signal.SIGTERM)
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _: os.kill(child, got))
    _, status = os.waitpid(child, 0)
    end_all()
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


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
