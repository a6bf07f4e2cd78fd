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
_STACKS, _STACK = _CONTROL + (64 << 10), 512
_TLS = _STACKS + _MOST * _STACK


class _Ends(Ask):
    """A script of threads of `modules/text/ends.wat`."""

    def __init__(self, module: Module) -> None:
        super().__init__(module, instantiate=False)
        self.add({"type": "memory", "as": ["env", "memory"], "minimum": _PAGES, "maximum": _MAXIMUM, "shared": True})
        self.instance()
        self.start(0)

    def start(self, how: int) -> None:
        """A fresh control block."""
        self.write(_CONTROL, struct.pack("<5i", how, _WHO, 0, 0, 0))

    def spawn(self, workers: int, **expect: object) -> None:
        """N workers that get the control block."""
        self.add(
            {
                "type": "spawn",
                "workers": workers,
                "field": "thread_entry",
                "arg": i32(_CONTROL),
                "stack": {"address": _STACKS, "size": _STACK},
                "tls": {"address": _TLS, "size": 16},
            },
            expect or None,
        )

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
    ask.spawn(_WORKERS)
    ask.join(_WORKERS, bad)
    ask.counted(_WORKERS - 1)
    ask.start(0)  # and the host lives: it starts threads as before
    ask.spawn(_WORKERS)
    ask.join(_WORKERS)
    ask.counted(_WORKERS)
    return ask.commands


def _one_after_another(times: int, module: Module) -> Script:
    ask = _Ends(module)
    for _ in range(times):
        ask.spawn(1)
        ask.join(1)
    ask.counted(times)
    return ask.commands


def _at_once(module: Module) -> Script:
    ask = _Ends(module)
    ask.spawn(8)
    ask.join(8)
    ask.counted(8)
    ask.start(0)
    ask.spawn(_MOST, refusal="spawn")
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
