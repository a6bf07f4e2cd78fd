"""grow: a shared memory that grows, by one thread or by several at once, while others use it and sleep in it.

modules/text/grow.wat plays them. In the memory model of the threads proposal (its core specification: "Relaxed Memory
Model", and the execution of memory.size, memory.grow and loads) the length of a shared memory is a location as others:
memory.grow is a sequentially consistent read-modify-write of it, memory.size such a read, and each access reads it for
its bounds, unordered. So two that grow at once get different old sizes, and a size never shrinks. An atomic load which
sees what was stored behind a growth happens after that; and what is read behind the load, were it unordered, must be
the new length: what memory.size gives is required, and that the new pages can be loaded from.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

from conformance.case import Case, Expect, Module, Script
from conformance.cases._script import Ask, gives, i32

__all__ = ["CASES"]

PAGE = 65536
PAGES, MAXIMUM = 2, 66

CONTROL, MARKS = 256, PAGE
_ERRORS, _BELL, _REFUSED, _WOKEN = 24, 32, 40, 44
_SIZES, _SIZES_BEFORE = 44, 52
_JOBS = {"turns": 1, "under-use": 2, "together": 3, "asleep": 4, "awake": 5}

ROUNDS = 20
OUTSIDE = {"trap": "out of bounds memory access"}


class Growth(Ask):
    """A script on a shared memory of PAGES pages, which may grow to `maximum`."""

    def __init__(self, module: Module, maximum: int = MAXIMUM) -> None:
        super().__init__(module, instantiate=False)
        self.shared_memory(PAGES, maximum)
        self.instance()

    def size(self, pages: int, what: str = "") -> None:
        """How large the memory is, to the module and to the host."""
        self.call("size", expect={**gives(i32(pages)), "what": what})
        self.add({"type": "pages"}, {"pages": pages, "what": what})

    def grow(self, pages: int, gives_: int) -> None:
        self.call("grow", pages, expect={**gives(i32(gives_)), "what": f"memory.grow({pages})"})

    def spawn(self, job: str, workers: int, rounds: int = 0, address: int = 0, step: int = 0) -> None:
        """N workers on a fresh control block."""
        block = struct.pack("<4i40xi", _JOBS[job], workers, rounds, address, step)
        self.write(CONTROL, block.ljust(64 + 4 * workers, b"\0"))
        self.start_workers(workers, CONTROL)

    def field(self, what: str, offset: int, value: int) -> None:
        """What must stand in the control block at `offset`."""
        expect: Expect = {"bytes": struct.pack("<i", value), "dtype": "<i4", "what": what}
        self.read(CONTROL + offset, 4, expect)


def _to_the_maximum(module: Module) -> Script:
    ask = Growth(module, maximum=8)
    ask.size(2)
    ask.grow(0, 2)
    ask.call("load", 2 * PAGE, expect=OUTSIDE, results=("i32",))
    ask.call("store", 2 * PAGE - 4, 0x5EED)
    ask.grow(1, 2)
    ask.size(3)
    ask.call("load", 2 * PAGE, expect={**gives(i32(0)), "what": "a word of the new page"})
    ask.write(3 * PAGE - 4, struct.pack("<i", 7))
    ask.call("load", 3 * PAGE - 4, expect={**gives(i32(7)), "what": "what the host wrote into the new page"})
    ask.grow(5, 3)
    ask.size(8, "at the maximum")
    ask.call("store", 8 * PAGE - 4, 9)
    for pages in (1, 2, 8, 0xFFF8, 0xFFFF, 0x10000, -1):
        ask.grow(pages, -1)
    ask.size(8, "after growth past the maximum was refused")
    ask.call("load", 8 * PAGE, expect=OUTSIDE, results=("i32",))
    ask.grow(0, 8)
    for at, value in ((2 * PAGE - 4, 0x5EED), (3 * PAGE - 4, 7), (8 * PAGE - 4, 9)):
        ask.read(at, 4, {"bytes": struct.pack("<i", value), "dtype": "<i4", "what": f"the word at {at} after it all"})
    ask.instance()
    ask.size(8, "to an instance made afterwards")
    ask.call("load", 8 * PAGE - 4, expect=gives(i32(9)))
    return ask.commands


def _turns(workers: int, module: Module) -> Script:
    ask = Growth(module)
    grown = PAGES + ROUNDS
    ask.spawn("turns", workers, ROUNDS)
    ask.join_workers([grown] * workers)
    ask.field("sizes and words of others that a worker did not see", _ERRORS, 0)
    ask.size(grown)
    for number in range(ROUNDS):
        last = struct.pack("<2i", workers, number + 1)
        what = f"the end of page {PAGES + number}: who came, and the round"
        ask.read((PAGES + number + 1) * PAGE - 8, 8, {"bytes": last, "dtype": "<i4", "what": what})
    return ask.commands


def _under_use(workers: int, module: Module) -> Script:
    ask = Growth(module)
    grown = PAGES + ROUNDS
    ask.spawn("under-use", workers, ROUNDS)
    ask.join_workers([grown] * workers)
    ask.field("words lost, sizes that shrank, sleepers that nobody could wake", _ERRORS, 0)
    ask.field("how often the sleeper was woken", _WOKEN, ROUNDS)
    ask.size(grown)
    return ask.commands


def _marks(first: int, end: int) -> Expect:
    """Each page from `first` to `end` has come from one growth, none before and none behind."""
    marks = [int(first <= page < end) for page in range(MAXIMUM + 2)]
    return {"bytes": struct.pack(f"<{len(marks)}i", *marks), "dtype": "<i4", "what": "how many got each page"}


def _together(workers: int, step: int, times: int, module: Module) -> Script:
    """All grow at once `times` times, worker k by 1 + k * step pages: as far as all do, or past the maximum."""
    wanted = times * sum(1 + worker * step for worker in range(workers))
    grown = min(PAGES + wanted, MAXIMUM)
    assert step == 0 or grown == PAGES + wanted, "who is refused depends on timing where sizes differ"
    ask = Growth(module)
    ask.spawn("together", workers, times, step=step)
    ask.join_workers([grown] * workers)
    ask.field("pages that were not there, or not zero, to who had got them", _ERRORS, 0)
    ask.field("how many growths were refused", _REFUSED, PAGES + wanted - grown)
    ask.read(MARKS, 4 * (MAXIMUM + 2), _marks(PAGES, grown))
    ask.size(grown)
    return ask.commands


def _noticed(job: str, workers: int, module: Module) -> Script:
    """The memory grows while all of them wait; what they find behind it was written by the host."""
    grown, at = PAGES + 3, (PAGES + 2) * PAGE + 100
    ask = Growth(module)
    ask.spawn(job, workers, address=at)
    ask.call("settle", CONTROL, workers, expect={**gives(i32(workers)), "what": "how many began to wait"})
    ask.grow(3, PAGES)
    ask.size(grown)
    ask.write(at, struct.pack("<i", 0x5EED))
    if job == "asleep":
        ask.call("wake", CONTROL, workers, expect={**gives(i32(workers)), "what": "how many were woken"})
    else:
        ask.call("store", CONTROL + _BELL, 1)
    ask.join_workers([0x5EED] * workers)
    ask.field("the sizes that they saw before, added up", _SIZES_BEFORE, workers * PAGES)
    ask.field("the sizes that they saw behind it, added up", _SIZES, workers * grown)
    return ask.commands


def _case(name: str, build: Callable[..., Script], title: str, repeats: int = 1) -> Case:
    return Case(name, "grow", build, title, features=("threads",), deadline=20, repeats=repeats)


_TIMES = 30
"""How often each grows past the maximum: 4 times 30 growths, 64 pages."""

CASES = [
    _case("atomics/grow-to-maximum", _to_the_maximum, "growth to the maximum, and past it: -1, and nothing changes"),
    _case("threads/grow-turns-4", partial(_turns, 4), "4 workers grow it in turns: all see size, zeros and words"),
    _case("threads/grow-under-use-4", partial(_under_use, 4), "one grows it; one sleeps in it, two read and write"),
    _case("threads/grow-asleep-4", partial(_noticed, "asleep", 4), "it grows while 4 workers sleep: they wake to it"),
    _case("threads/grow-awake-4", partial(_noticed, "awake", 4), "it grows while 4 workers look at a word for it"),
    *(
        _case(
            f"threads/grow-together-{workers}",
            partial(_together, workers, 1, 6),
            f"{workers} workers grow it at once by different sizes: each page is one's own",
            repeats=3,  # who meets whom is a matter of timing
        )
        for workers in (2, 4)
    ),
    _case(
        "threads/grow-together-past-maximum-4",
        partial(_together, 4, 0, _TIMES),
        "4 workers grow it at once past its maximum: as many get a page as there are",
        repeats=3,
    ),
]
