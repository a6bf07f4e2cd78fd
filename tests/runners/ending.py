"""Waiting for processes that are somebody else's children."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psutil

__all__ = ["wait_for_end"]


def wait_for_end(processes: Sequence[psutil.Process], seconds: float = 5.0) -> None:
    """Until all are gone, or zombies, which only their parents can take away. AssertionError where some stay."""
    limit = time.monotonic() + seconds
    while any(map(_lives, processes)) and time.monotonic() < limit:
        time.sleep(0.02)
    assert [one for one in processes if _lives(one)] == []


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:  # just now
        return False
