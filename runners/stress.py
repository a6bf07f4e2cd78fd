"""What makes rare timing less rare while a runner works: one core for all, no core idle, pauses at random moments."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from runners.processes import family_of, guarded

__all__ = ["KINDS", "busy", "lacking", "pinned", "shaken"]

KINDS = {
    "one-core": "the runner, with all its threads and processes, on one core",
    "busy": "a process of ours keeps each core busy",
    "yields": "single threads of the runner are moved from core to core at random moments",
}

_PAUSE = 0.004  # seconds between two moments, at most
_LOOK = 16  # moments between looks for new threads


def lacking() -> str | None:
    """Why stress cannot be had here, on a system that does not let a process choose its cores."""
    return None if hasattr(os, "sched_setaffinity") else f"{sys.platform} cannot bind a process to a core; Linux can"


@contextlib.contextmanager
def pinned() -> Iterator[None]:
    """This thread, and so what it starts, on one core. Hosts that run side by side take different ones."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[os.getpid() % len(before)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """Processes that do nothing, one a core, and end with this one, however it ends."""
    command = [*guarded(signal.SIGKILL), sys.executable, "-I", "-S", "-c", "while True: pass"]
    with contextlib.ExitStack() as stack:
        for _ in os.sched_getaffinity(0):
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


@contextlib.contextmanager
def shaken(pid: int) -> Iterator[None]:
    """Every few milliseconds one thread of that runner must go on on one core, which may be where another works.

    So two that work side by side take turns for a while, each stopped wherever it is. Afterwards all is as before.
    (SCHED_IDLE would hold a thread up for longer, but without privileges nothing brings it back. To stop and continue
    the whole runner shakes nothing: of 40 runs each, wasmer singlepass showed store buffering in 14 so, 32 by this
    and 16 by nothing; with plain accesses wasmtime in 10, 25 and 9, node in 14, 29 and 9.)
    """
    cores, over, touched = sorted(os.sched_getaffinity(0)), threading.Event(), set[int]()
    shaker = threading.Thread(target=_shake, args=(pid, cores, over, touched), daemon=True)
    shaker.start()
    try:
        yield
    finally:
        over.set()
        shaker.join()
        for thread in touched.union(_threads(pid)):  # new ones have it from those that started them
            _bind(thread, set(cores))


def _shake(pid: int, cores: list[int], over: threading.Event, touched: set[int]) -> None:
    dice, moment = random.Random(), 0
    threads: list[int] = []
    while not over.wait(dice.uniform(0, _PAUSE)):
        if moment % _LOOK == 0:
            threads = _threads(pid)
            touched.update(threads)
        moment += 1
        if threads:
            _bind(dice.choice(threads), {dice.choice(cores)})


def _threads(pid: int) -> list[int]:
    found = []
    for member in family_of(pid):
        with contextlib.suppress(OSError):
            found += [int(task.name) for task in Path(f"/proc/{member.pid}/task").iterdir()]
    return found


def _bind(thread: int, cores: set[int]) -> None:
    with contextlib.suppress(OSError):  # it has ended
        os.sched_setaffinity(thread, cores)
