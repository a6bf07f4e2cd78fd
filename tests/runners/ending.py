"""Waiting for processes that are somebody else's children."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psutil

__all__ = ["wait_for_end"]


def wait_for_end(processes: Sequence[psutil.Process], seconds: float = 5.0) -> None:
    """Until all are gone, or zombies, which only their parents can take away. AssertionError where some stay."""

    def left() -> list[psutil.Process]:
        return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    limit = time.monotonic() + seconds
    while left() and time.monotonic() < limit:
        time.sleep(0.02)
    assert left() == []
