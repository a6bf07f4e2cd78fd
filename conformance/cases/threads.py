"""counter, barrier, mutex, reduce: threads on one shared memory by the ABIs of modules/README.md; against arithmetic.

The host's region begins at 2 MiB: the control block, then stacks, then TLS areas, then the data of reduce.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from conformance.case import Case, Expect, Module, Script
from conformance.cases._script import Ask, gives, i32, i64, noise
from modules.table import SHARED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CASES", "WORKERS", "by_workers", "total"]

WORKERS = (2, 4, 8)

PAGES, MAXIMUM = 48, 256
CONTROL = 2 << 20
STACKS, STACK = CONTROL + (64 << 10), 64 << 10
TLS, TLS_SIZE = STACKS + max(WORKERS) * STACK, 4 << 10
DATA = TLS + max(WORKERS) * TLS_SIZE

_JOBS = {"counter": 1, "barrier": 2, "mutex": 3, "reduce": 4}
_COUNTER, _ERRORS, _TOTAL, _SLOTS = 20, 36, 40, 64

INCREMENTS, ROUNDS, LOCKS = 100_000, 5_000, 10_000
LENGTH, PASSES = 96_001, 2_000
"""reduce: how many values (odd, so that no number of workers splits them evenly) and how often."""


@cache
def _values() -> NDArray[np.int32]:
    import numpy as np

    return np.frombuffer(noise("reduce", 4 * LENGTH), "<i4")


def total(values: NDArray[np.int32], passes: int) -> int:
    """The sum of (value ^ p), as i32, over all values and p = 0 … passes-1; it fits an i64.

    Bit by bit: in how many pairs (value, p) the two differ in it, times what the bit is worth.
    """
    import numpy as np

    def ones(numbers: NDArray[np.int32], bit: int) -> int:
        return int(((numbers >> bit) & 1).sum(dtype=np.int64))

    steps, all_ = np.arange(passes, dtype=np.int32), 0
    for bit in range(32):
        a, b = ones(values, bit), ones(steps, bit)
        differ = a * (passes - b) + (len(values) - a) * b
        all_ += differ * (-(1 << 31) if bit == 31 else 1 << bit)
    return all_


class Threads(Ask):
    """A script of threads: the shared memory, the module, runs of N workers."""

    def __init__(self, module: Module) -> None:
        super().__init__(module, instantiate=False)
        self.shared_memory(PAGES, MAXIMUM)
        self._program: dict[str, Any] = {}
        if module.abi != "instances":
            self.instance()
            return
        self._program = {"name": "program"}
        self.add({"type": "module", "module": SHARED})
        self.add({"type": "register", "as": "shared"})
        self.instance(**self._program)
        self.add({"type": "module", "module": SHARED})  # the current one: what it exports is no other memory

    def run(self, job: str, workers: int, iterations: int, returns: int, **expect: object) -> int:
        """A fresh control block, N workers, their end; gives the index of `join`."""
        block = struct.pack("<5i", _JOBS[job], workers, iterations, DATA, LENGTH)
        self.write(CONTROL, block.ljust(_SLOTS + 4 * max(WORKERS), b"\0"))
        self.spawn(workers)
        return self.join_workers([returns] * workers, **expect)

    def spawn(self, workers: int) -> None:
        """N workers that get the control block."""
        stack, tls = {"address": STACKS, "size": STACK}, {"address": TLS, "size": TLS_SIZE}
        self.start_workers(workers, CONTROL, stack=stack, tls=tls, **self._program)

    def field(self, what: str, offset: int, value: bytes, dtype: str) -> None:
        """What must stand in the control block at `offset`."""
        expect: Expect = {"bytes": value, "dtype": dtype, "what": what}
        self.read(CONTROL + offset, len(value), expect)


def _counter(workers: int, module: Module) -> Script:
    ask = Threads(module)
    ask.run("counter", workers, INCREMENTS, INCREMENTS)
    ask.field("the counter", _COUNTER, struct.pack("<i", workers * INCREMENTS), "<i4")
    return ask.commands


def _barrier(workers: int, module: Module) -> Script:
    ask = Threads(module)
    ask.run("barrier", workers, ROUNDS, ROUNDS)
    ask.field("slots of another round, seen behind the barrier", _ERRORS, bytes(4), "<i4")
    ask.field("the workers' slots", _SLOTS, struct.pack("<i", ROUNDS) * workers, "<i4")
    return ask.commands


def _mutex(workers: int, module: Module) -> Script:
    ask = Threads(module)
    ask.run("mutex", workers, LOCKS, LOCKS)
    ask.field("the total, added to under the lock", _TOTAL, struct.pack("<q", workers * LOCKS), "<i8")
    return ask.commands


def _reduce(workers: int, module: Module) -> Script:
    ask = Threads(module)
    ask.write(DATA, _values().tobytes())
    expected = struct.pack("<q", total(_values(), PASSES))
    ask.run("reduce", 1, PASSES // 10, 0)  # what a compiler learns from it counts for neither
    alone = ask.run("reduce", 1, PASSES, 0)
    ask.field("the sum by one worker", _TOTAL, expected, "<i8")
    together = len(ask.commands) + 2
    ask.run("reduce", workers, PASSES, 0, speedup={"of": together, "over": alone})
    ask.field(f"the sum by {workers} workers", _TOTAL, expected, "<i8")
    return ask.commands


_SCRIPTS = {
    "counter": (_counter, f"{INCREMENTS} atomic increments by each worker: none is lost"),
    "barrier": (_barrier, f"{ROUNDS} rounds, a barrier of wait and notify twice in each: no worker sees another round"),
    "mutex": (_mutex, f"{LOCKS} plain additions by each worker under a futex lock: none is lost"),
    "reduce": (_reduce, "a sum over shared data by one worker, then by all: equal, and how much faster"),
}


def _wait(module: Module) -> Script:
    ask = Threads(module)
    ask.write(CONTROL, struct.pack("<i", 7))
    ask.call("load_behind_wait", i32(CONTROL), i32(8), i64(0), expect=gives(i32(7)))
    ask.call("load_behind_wait", i32(CONTROL), i32(7), i64(1000), expect=gives(i32(7)))
    ask.call("load_behind_notify", i32(CONTROL), expect=gives(i32(7)))
    ask.call("keep_behind_wait", i32(CONTROL), i64(1 << 40), expect=gives(i64((1 << 40) + 1)))
    return ask.commands


def _wait_in_workers(module: Module) -> Script:
    ask = Threads(module)
    ask.write(CONTROL, struct.pack("<i", 7))
    ask.spawn(4)
    ask.join_workers([7 + worker for worker in range(4)])
    return ask.commands


def by_workers(scripts: Mapping[str, tuple[Callable[..., Script], str]], counts: Sequence[int]) -> list[Case]:
    """Of each job with its script(workers, module) and title: a case for each number of workers."""
    return [
        Case(
            f"threads/{job}-{workers}",
            job,
            partial(script, workers),
            f"{workers} workers: {title}",
            features=("threads",),
            deadline=60,
        )
        for job, (script, title) in scripts.items()
        for workers in counts
    ]


CASES = [
    Case(
        "atomics/wait-keeps-locals",
        "wait",
        _wait,
        "a local that is used again behind a wait or a notify has its value still",
        features=("threads",),
    ),
    Case(
        "threads/wait-keeps-locals-4",
        "wait",
        _wait_in_workers,
        "the same in 4 workers",
        features=("threads",),
    ),
    *by_workers(_SCRIPTS, WORKERS),
]
