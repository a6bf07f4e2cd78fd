"""stacks, locals, late: what each thread has of its own, and what an instance that comes late must leave as it is.

The host gives each worker a part of two regions, by the threaded ABI of modules/README.md: for its stack, for its
thread-locals. A module of a compiler that knows no threads has all of it in one place (`wrong-state`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from conformance.case import Case, Module, Script
from conformance.cases.threads import CONTROL, STACK, STACKS, TLS, TLS_SIZE, Threads

__all__ = ["CASES"]

WORKERS = 4
ROUNDS = 20
FRAMES = 180
"""Frames of a full stack, 256 bytes of its own in each."""
WORDS = 32
"""Words of the module's own data that the first worker changes: half of them begin as zeros."""

_STACKS, _LOCALS, _LATE = 16, 17, 18
_CHANGE, _LOOK, _WATCH = 1, 2, 3
_GO, _ERRORS, _CHECKED, _SLOTS = 20, 36, 40, 64


class State(Threads):
    """A script on threads that have something of their own."""

    def start(self, job: int, workers: int, rounds: int, region: int = 0, size: int = 0) -> None:
        """A fresh control block, and N workers."""
        block = struct.pack("<5i", job, workers, rounds, region, size)
        self.write(CONTROL, block.ljust(_SLOTS + 4 * workers, b"\0"))
        self.spawn(workers)

    def nothing_wrong(self, what: str, checked: int) -> None:
        self.field(what, _ERRORS, bytes(4), "<i4")
        self.field("how often they looked", _CHECKED, struct.pack("<q", checked), "<i8")


def _stacks(module: Module) -> Script:
    ask = State(module)
    ask.start(_STACKS, WORKERS, ROUNDS, STACKS, STACK)
    ask.join_workers([ROUNDS] * WORKERS)
    what = "words of a frame that another thread wrote, and frames outside of a worker's own region"
    ask.nothing_wrong(what, WORKERS * ROUNDS * FRAMES)
    return ask.commands


def _locals(module: Module) -> Script:
    ask = State(module)
    for _ in range(2):  # who comes later finds them as they begin, too
        ask.start(_LOCALS, WORKERS, ROUNDS, TLS, TLS_SIZE)
        ask.join_workers([ROUNDS] * WORKERS)
        what = "thread-locals that did not begin as they must, lay elsewhere, or that another thread wrote"
        ask.nothing_wrong(what, WORKERS * ROUNDS)
    return ask.commands


def _late(module: Module) -> Script:
    """One worker changes the module's data; later instances look at them, and one comes while others do."""
    ask = State(module)
    ask.start(_LATE, 1, _CHANGE)
    ask.join_workers([WORDS])
    ask.start(_LATE, WORKERS, _LOOK)
    ask.join_workers([WORDS] * WORKERS)
    ask.start(_LATE, WORKERS, _WATCH)
    ask.instance()
    ask.write(CONTROL + _GO, struct.pack("<i", 1))
    ask.join_workers([WORDS] * WORKERS)
    return ask.commands


def _case(job: str, name: str, build: Callable[..., Script], title: str) -> Case:
    return Case(f"threads/{name}", job, build, title, features=("threads",), deadline=60)


CASES = [
    _case("stacks", "stacks-apart", _stacks, f"{WORKERS} workers fill their stacks at once: each has its own"),
    _case("locals", "locals-apart", _locals, f"{WORKERS} workers write their thread-locals: each sees its own alone"),
    _case("late", "late-instance", _late, "instances that come later leave the module's data as they find them"),
]
