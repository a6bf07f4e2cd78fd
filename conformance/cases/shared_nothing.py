"""shared-nothing: workers that each have an instance with a memory of its own, and whose results are what they return.

They need no shared memory, and so in a browser no isolation: threads without COOP and COEP. Against numpy.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask
from conformance.cases.programs import WORKERS, mandelbrot

__all__ = ["CASES"]

POINTS, MOST = 301, 400
"""The side of the picture, and the most steps of a point; the modules have the second one in them."""


def _bands(workers: int) -> list[int]:
    """What each worker returns: the steps of all points in its rows."""
    rows = mandelbrot(POINTS, MOST).sum(axis=1)
    borders = [POINTS * worker // workers for worker in range(workers + 1)]
    return [int(rows[start:end].sum()) for start, end in pairwise(borders)]


def _join(ask: Ask, workers: int, **expect: object) -> int:
    """So many workers on the whole picture; gives the index of `join`."""
    ask.start_workers(workers, 256 * POINTS + workers, "mandelbrot_band")
    return ask.join_workers(_bands(workers), **expect)


def _mandelbrot(workers: int, module: Module) -> Script:
    ask = Ask(module)
    _join(ask, 1)  # what a compiler learns from it counts for neither
    alone = _join(ask, 1)
    _join(ask, workers, speedup={"of": alone + 2, "over": alone})
    return ask.commands


CASES = [
    Case(
        f"shared-nothing/mandelbrot-{workers}",
        "shared-nothing",
        partial(_mandelbrot, workers),
        f"{workers} workers that share no memory: a picture of {POINTS} by {POINTS} points, and how much faster",
        deadline=60,
    )
    for workers in WORKERS
]
