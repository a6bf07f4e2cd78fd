"""condition … matmul-bands: programs on what they synchronise with, by modules/README.md; against arithmetic and numpy.

The host's region is that of threads.py: the control block, stacks, TLS areas, the data; then the results.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from conformance.case import Module, Script
from conformance.cases._script import noise
from conformance.cases.matmul import factors, product
from conformance.cases.threads import CONTROL, DATA, Threads, by_workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CASES", "WORKERS", "mandelbrot", "mix", "results"]

WORKERS = (2, 4)

OUT = DATA + (192 << 10)

_COUNTER, _ERRORS, _TOTAL, _CHECK = 20, 36, 40, 56

HANDOFFS, ENTRIES, WRITES, ROWS, LOCKS, VALUES = 1_000, 20_000, 20_000, 1_000, 20_000, 10_000
"""For each worker: through a box for one, a semaphore, a lock of readers and writers; of once; a spin lock; a queue."""

PLACES, ROW = 16, 8
"""Of a queue; values in a row of once."""

TASKS, STEPS = 10_001, 200
LENGTH, POINTS, MOST, FACTOR = 40_001, 201, 400, 100
"""Values to sort, the side of the picture and its most steps, the side of the matrices."""


def mix(values: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Knuth's multiplicative hash of each."""
    import numpy as np

    return (values.astype(np.uint64) * 0x9E3779B1).astype("<u4")


@cache
def results(tasks: int, steps: int) -> NDArray[np.uint32]:
    """What each task of stealing adds to its result: `steps` of xorshift32 (Marsaglia, 2003) from its number plus 1."""
    import numpy as np

    value = np.arange(1, tasks + 1, dtype="<u4")
    for _ in range(steps):
        value ^= value << np.uint32(13)
        value ^= value >> np.uint32(17)
        value ^= value << np.uint32(5)
    return value


@cache
def mandelbrot(points: int, most: int) -> NDArray[np.int32]:
    """For each point of the picture, row by row, how many steps of z² + c stay within the circle, up to `most`."""
    import numpy as np

    at = 3.0 * (np.arange(points) * (1.0 / points))
    c_re, c_im = np.meshgrid(at - 2.0, at - 1.5)
    re, im, steps = np.zeros_like(c_re), np.zeros_like(c_im), np.zeros(c_re.shape, "<i4")
    inside = np.ones(c_re.shape, bool)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(most):
            re2, im2 = re * re, im * im
            inside &= ~(re2 + im2 > 4.0)
            re, im = re2 - im2 + c_re, 2.0 * re * im + c_im
            steps += inside
    return steps


class Program(Threads):
    """The script of one program: data, workers, and what must stand in the control block and among the results."""

    def run_program(
        self,
        number: int,
        workers: int,
        returns: list[int],
        *,
        iterations: int = 0,
        length: int = 0,
        limit: int = 0,
        **expect: object,
    ) -> int:
        """A control block, the workers, and what each returns; gives the index of `join`."""
        block = struct.pack("<5i28x2i", number, workers, iterations, DATA, length, limit, OUT)
        self.write(CONTROL, block)
        self.spawn(workers)
        return self.join_workers(returns, **expect)

    def i32_field(self, what: str, offset: int, value: int) -> None:
        """An i32 of the control block, given signed or unsigned."""
        self.field(what, offset, struct.pack("<I", value & 0xFFFFFFFF), "<i4")

    def no_errors(self, what: str) -> None:
        """How often a worker saw what must not be."""
        self.i32_field(what, _ERRORS, 0)

    def total(self, what: str, value: int) -> None:
        """The i64 of the control block."""
        self.field(what, _TOTAL, struct.pack("<q", value), "<i8")

    def results(self, what: str, values: bytes, dtype: str) -> None:
        """What the workers have laid where results go."""
        self.read(OUT, len(values), {"bytes": values, "dtype": dtype, "what": what})


def _values(number: int, each: int, workers: int, module: Module) -> Script:
    """Producers and consumers, half and half."""
    import numpy as np

    half = workers // 2
    sent = np.arange(half * each)
    ask = Program(module)
    ask.run_program(number, workers, [each] * half + [0] * half, iterations=each, limit=PLACES)
    ask.no_errors("values of one producer that came before an older one")
    ask.i32_field("how many values came", _COUNTER, len(sent))
    ask.total("their sum", int(sent.sum()))
    ask.i32_field("their hashes by exclusive or", _CHECK, int(np.bitwise_xor.reduce(mix(sent))))
    return ask.commands


def _semaphore(workers: int, module: Module) -> Script:
    ask, permits = Program(module), workers // 2
    ask.run_program(6, workers, [ENTRIES] * workers, iterations=ENTRIES, limit=permits)
    ask.no_errors("entries beyond the permits")
    ask.i32_field("the most that were inside at once", _COUNTER, permits)
    ask.total("all entries", workers * ENTRIES)
    return ask.commands


def _rwlock(workers: int, module: Module) -> Script:
    import numpy as np

    ask, writers = Program(module), workers // 2
    ask.run_program(7, workers, [WRITES] * workers, iterations=WRITES)
    ask.no_errors("pairs that do not belong together, seen by a reader")
    ask.i32_field("readers inside at once", _COUNTER, workers - writers)
    ask.total("the pair's first value", writers * WRITES)
    ask.i32_field("the pair's second value", _CHECK, int(mix(np.array([writers * WRITES]))[0]))
    return ask.commands


def _once(workers: int, module: Module) -> Script:
    import numpy as np

    ask = Program(module)
    ask.run_program(8, workers, [ROWS] * workers, iterations=ROWS)
    ask.no_errors("values that were not there behind the once")
    ask.i32_field("how many rows were written", _COUNTER, ROWS)
    ask.results("the rows", mix(np.arange(1, ROWS * ROW + 1)).tobytes(), "<u4")
    return ask.commands


def _spinlock(workers: int, module: Module) -> Script:
    ask = Program(module)
    ask.run_program(9, workers, [LOCKS] * workers, iterations=LOCKS)
    ask.total("the total, added to under the lock", workers * LOCKS)
    return ask.commands


def _stealing(workers: int, module: Module) -> Script:
    ask = Program(module)
    ask.run_program(12, workers, [0] * workers, iterations=STEPS, length=TASKS)
    ask.i32_field("how many tasks were done", _COUNTER, TASKS)
    ask.results("what each task added", results(TASKS, STEPS).tobytes(), "<u4")
    return ask.commands


def _sort(workers: int, module: Module) -> Script:
    import numpy as np

    values = np.frombuffer(noise("sort-bands", 4 * LENGTH), "<i4")
    ask = Program(module)
    ask.write(DATA, values.tobytes())
    ask.run_program(13, workers, [0] * workers, length=LENGTH)
    expected = np.sort(values).tobytes()
    ask.read(DATA, len(expected), {"bytes": expected, "dtype": "<i4"})
    return ask.commands


def _mandelbrot(workers: int, module: Module) -> Script:
    ask = Program(module)
    picture = mandelbrot(POINTS, MOST).tobytes()
    ask.run_program(14, 1, [0], iterations=MOST, length=POINTS)  # what a compiler learns from it counts for neither
    ask.results("the steps of each point, by one worker", picture, "<i4")
    alone = ask.run_program(14, 1, [0], iterations=MOST, length=POINTS)
    ask.write(OUT, bytes(len(picture)))
    together = len(ask.commands) + 2
    ask.run_program(14, workers, [0] * workers, iterations=MOST, length=POINTS, speedup={"of": together, "over": alone})
    ask.results("the steps of each point", picture, "<i4")
    return ask.commands


def _matmul(workers: int, module: Module) -> Script:
    ask = Program(module)
    ask.write(DATA, b"".join(factor.tobytes() for factor in factors(FACTOR)))
    ask.run_program(15, workers, [0] * workers, length=FACTOR)
    ask.results("the product", product(FACTOR).tobytes(), "<f4")
    return ask.commands


_SCRIPTS: dict[str, tuple[Callable[[int, Module], Script], str]] = {
    "condition": (
        partial(_values, 5, HANDOFFS),
        f"{HANDOFFS} values of each producer through a box for one, by two condition variables",
    ),
    "semaphore": (_semaphore, f"{ENTRIES} entries each where half of them may be inside: never more, and as many"),
    "rwlock": (_rwlock, f"{WRITES} writes or reads each of a pair of values: writers alone, readers together"),
    "once": (_once, f"{ROWS} rows of a table, each written once and complete for all"),
    "spinlock": (_spinlock, f"{LOCKS} plain additions each under a spin lock that backs off: none is lost"),
    "spsc": (
        partial(_values, 10, VALUES),
        f"{VALUES} values through a queue of {PLACES} places for each producer and its consumer",
    ),
    "mpmc": (partial(_values, 11, VALUES), f"{VALUES} values of each producer through one queue of {PLACES} places"),
    "stealing": (_stealing, f"{TASKS} tasks from deques that others steal from: each is done once"),
    "sort-bands": (_sort, f"{LENGTH} values sorted in bands, which are merged"),
    "mandelbrot": (
        _mandelbrot,
        f"a picture of {POINTS} by {POINTS} points by one worker, then in bands: equal, and how much faster",
    ),
    "matmul-bands": (_matmul, f"the product of two {FACTOR}-by-{FACTOR} matrices of f32 in bands: bit for bit"),
}

CASES = by_workers(_SCRIPTS, WORKERS)
