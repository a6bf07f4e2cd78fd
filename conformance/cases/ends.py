"""ends: a thread that traps, throws or exits while others go on; many threads one after another, and as many at once as
there are."""

from __future__ import annotations

import struct
from functools import partial

from conformance.case import Case, Expect, Module, Script
from conformance.cases._script import Ask, gives, i32

__all__ = ["CASES"]

_WORKERS, _WHO = 4, 2
"""How many, and which of them ends badly."""

_COUNTED = 1000  # by each worker that ends well
_PAGES, _MAXIMUM = 48, 256
_CONTROL, _COUNTER = 2 << 20, 16
_MOST = 1024
"""More than these at once a runner need not give."""


class _Ends(Ask):
    """A script of threads of `modules/text/ends.wat`."""

    def __init__(self, module: Module) -> None:
        super().__init__(module, instantiate=False)
        self.shared_memory(_PAGES, _MAXIMUM)
        self.instance()
        self.start(0)

    def start(self, how: int) -> None:
        """A fresh control block."""
        self.write(_CONTROL, struct.pack("<5i", how, _WHO, 0, 0, 0))

    def join(self, workers: int, bad: Expect | None = None) -> None:
        """All end well, or all but one, which ends as `bad` says."""
        each: list[Expect] = [gives(i32(10 * worker)) for worker in range(workers)]
        if bad is not None:
            each[_WHO] = bad
        self.add({"type": "join"}, {"workers": {"each": each}})

    def counted(self, workers: int) -> None:
        """What so many workers have counted."""
        self.read(
            _CONTROL + _COUNTER,
            4,
            {"bytes": struct.pack("<i", workers * _COUNTED), "dtype": "<i4", "what": f"counted by {workers} workers"},
        )


def _one_ends(how: int, bad: Expect, module: Module) -> Script:
    ask = _Ends(module)
    ask.start(how)
    ask.start_workers(_WORKERS, _CONTROL)
    ask.join(_WORKERS, bad)
    ask.counted(_WORKERS - 1)
    ask.start(0)  # and the host lives: it starts threads as before
    ask.start_workers(_WORKERS, _CONTROL)
    ask.join(_WORKERS)
    ask.counted(_WORKERS)
    return ask.commands


def _one_after_another(times: int, module: Module) -> Script:
    ask = _Ends(module)
    for _ in range(times):
        ask.start_workers(1, _CONTROL)
        ask.join(1)
    ask.counted(times)
    return ask.commands


def _at_once(module: Module) -> Script:
    ask = _Ends(module)
    ask.start_workers(8, _CONTROL)
    ask.join(8)
    ask.counted(8)
    ask.start(0)
    ask.start_workers(_MOST, _CONTROL, expect={"refusal": "spawn"})
    ask.join(_MOST)
    ask.counted(_MOST)
    return ask.commands


def _end(name: str, job: str, how: int, bad: Expect, title: str) -> Case:
    others = f"of {_WORKERS} threads one ends by {title}: the others go on, and join tells of each"
    return Case(f"threads/end-{name}", job, partial(_one_ends, how, bad), others, features=("threads",))


CASES = [
    _end("unreachable", "ends", 1, {"trap": "unreachable"}, "unreachable"),
    _end("out-of-bounds", "ends", 2, {"trap": "out of bounds memory access"}, "a load outside of the memory"),
    _end("division", "ends", 3, {"trap": "integer divide by zero"}, "a division by zero"),
    _end("stack-exhausted", "ends", 4, {"trap": "call stack exhausted"}, "recursion without end"),
    _end("exception", "ends-exception", 1, {"failure": [{"exception": True}]}, "an exception that nobody catches"),
    _end("exit", "ends-exit", 1, {"failure": [{"exit": 7}]}, "proc_exit"),
    Case(
        "threads/spawn-1000",
        "ends",
        partial(_one_after_another, 1000),
        "a thread is started and joined, a thousand times",
        features=("threads",),
        deadline=120,
    ),
    Case(
        "threads/spawn-at-once",
        "ends",
        _at_once,
        f"8 threads at once; then {_MOST:,}, or as many as there are: how many, and the no to more, is information",
        features=("threads",),
        deadline=120,
    ),
]
