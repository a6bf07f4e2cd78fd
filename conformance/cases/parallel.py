"""together, bench: whether threads really run at the same time, and how fast they count, wake each other, come and go.

modules/text/parallel.wat plays them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.case import Case, Module, Script
from conformance.cases.threads import CONTROL, Threads

__all__ = ["CASES", "TOGETHER"]

ADDITIONS, TURNS, SPAWNS = 1_000_000, 300, 20

_STATE, _TURN, _CAME, _SAME, _OWN, _EACH = 12, 16, 24, 64, 128, 128


class _Parallel(Threads):
    def run_field(self, field: str, workers: int, iterations: int = 0, **expect: Any) -> None:
        """A fresh block, N workers in `field`, their end: each gives 1."""
        self.write(CONTROL, struct.pack("<3i", 0, workers, iterations).ljust(_OWN + workers * _EACH, b"\0"))
        self.start_workers(workers, CONTROL, field)
        self.join_workers([1] * workers, **expect)


def _meet(workers: int, module: Module) -> Script:
    ask = _Parallel(module)
    what = "whether all were inside at the same time"
    ask.run_field("meet", workers, what=what, means="fallback/single-thread")
    ask.field("what was decided", _STATE, struct.pack("<i", 1), "<i4")
    return ask.commands


def _speed(count: int, unit: str, of: str = "command") -> dict[str, Any]:
    return {"speed": {"count": count, "unit": unit, "of": of}}


def _same_cell(workers: int, module: Module) -> Script:
    ask = _Parallel(module)
    ask.run_field("add_same", workers, ADDITIONS, **_speed(workers * ADDITIONS, "additions/s"))
    ask.field("the cell of all", _SAME, struct.pack("<i", workers * ADDITIONS), "<i4")
    return ask.commands


def _own_cells(workers: int, module: Module) -> Script:
    ask = _Parallel(module)
    ask.run_field("add_own", workers, ADDITIONS, **_speed(workers * ADDITIONS, "additions/s"))
    for worker in range(workers):
        ask.field(f"the cell of worker {worker}", _OWN + worker * _EACH, struct.pack("<i", ADDITIONS), "<i4")
    return ask.commands


def _plain_counter(workers: int, module: Module) -> Script:
    ask = _Parallel(module)
    ask.run_field("add_plain", workers, ADDITIONS)
    ask.call("settle", CONTROL)
    counts = {"names": ["came", "lost"], "forbidden": [], "total": workers * ADDITIONS}
    ask.read(CONTROL + _CAME, 8, {"outcomes": counts, "what": "additions"})
    return ask.commands


def _round_trip(module: Module) -> Script:
    ask = _Parallel(module)
    ask.run_field("take_turns", 2, TURNS, **_speed(TURNS, "round trips/s"))
    ask.field("turns that were taken", _TURN, struct.pack("<i", 2 * TURNS), "<i4")
    return ask.commands


def _spawn_join(module: Module) -> Script:
    ask = _Parallel(module)
    for spawn in range(SPAWNS):
        ask.start_workers(1, CONTROL, "nothing")
        ask.join_workers([1], **(_speed(SPAWNS, "threads/s", "script") if spawn == 0 else {}))
    return ask.commands


def _case(name: str, job: str, build: Callable[..., Script], title: str) -> Case:
    return Case(f"threads/{name}", job, build, title, features=("threads",))


TOGETHER = _case("together-2", "together", partial(_meet, 2), "2 workers are inside the module at the same time")
"""What a runner that carries out its workers one after the other cannot pass, whatever they are to compute."""

CASES = [
    TOGETHER,
    _case("together-4", "together", partial(_meet, 4), "4 workers are inside the module at the same time"),
    *(
        _case(
            f"bench-same-cell-{workers}",
            "bench",
            partial(_same_cell, workers),
            f"{ADDITIONS:,} atomic additions by each of {workers}, begun together, to one cell: how many a second",
        )
        for workers in (1, 2, 4)
    ),
    *(
        _case(
            f"bench-own-cells-{workers}",
            "bench",
            partial(_own_cells, workers),
            f"{ADDITIONS:,} atomic additions by each of {workers}, begun together, to its own cell: how many a second",
        )
        for workers in (2, 4)
    ),
    _case(
        "plain-counter-2",
        "bench",
        partial(_plain_counter, 2),
        f"{ADDITIONS:,} additions by each of 2, begun together, without atomics: how many are lost is information",
    ),
    _case("bench-round-trip", "bench", _round_trip, f"two workers wake each other {TURNS} times: how often a second"),
    _case(
        "bench-spawn-join",
        "bench",
        _spawn_join,
        f"{SPAWNS} workers, one after the other: started (or taken from a pool), instantiated and joined, a second",
    ),
]
