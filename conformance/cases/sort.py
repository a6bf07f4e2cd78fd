"""sort: integers in ascending order, against Python's sorted."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import NamedTuple

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, noise

__all__ = ["CASES"]

BEYOND = b"\x80" * 8
"""What stands behind the last number, lower than most: it must stay there."""

_BITS = {"i32": 32, "i64": 64}
_CODES = {"i32": "i", "i64": "q"}


def _bytes(kind: str, numbers: Sequence[int]) -> bytes:
    return array(_CODES[kind], numbers).tobytes()


class _List(NamedTuple):
    """Numbers of a kind (`i32`, `i64`), how many, before and after with what stands behind them; `what` names them."""

    what: str
    kind: str
    length: int
    before: bytes
    after: bytes


def _script(lists: Callable[[], list[_List]], module: Module) -> Script:
    ask = Ask(module)
    for what, kind, length, before, after in lists():
        place = ask.put(before)
        ask.call(f"sort_{kind}", place, length)
        ask.read(place, len(after), {"bytes": after, "dtype": f"<{kind[0]}{_BITS[kind] // 8}", "what": what})
    return ask.commands


def _random(kind: str, count: int) -> list[int]:
    numbers = array(_CODES[kind])
    numbers.frombytes(noise(f"{kind} {count}", count * _BITS[kind] // 8))
    return numbers.tolist()


def _extremes(kind: str) -> list[int]:
    top = 1 << (_BITS[kind] - 1)
    # Both sides of every power of two: a comparison by subtraction or by half a word goes wrong in one of them.
    edges = [n for k in range(_BITS[kind] - 1) for n in ((1 << k) - 1, 1 << k, -(1 << k), -(1 << k) - 1)]
    numbers = [-top, top - 1, -top, top - 1, *edges]
    random.Random(kind).shuffle(numbers)
    return numbers


def _case(name: str, title: str, lists: Callable[[], Mapping[str, tuple[str, Sequence[int]]]]) -> Case:
    """`lists`: what it is → its kind, its numbers."""

    @cache
    def sorted_lists() -> list[_List]:
        return [
            _List(what, kind, len(numbers), _bytes(kind, numbers) + BEYOND, _bytes(kind, sorted(numbers)) + BEYOND)
            for what, (kind, numbers) in lists().items()
        ]

    return Case(f"sort/{name}", "sort", partial(_script, sorted_lists), title)


CASES = [
    _case("i32-1000000", "a million random i32", lambda: {"": ("i32", _random("i32", 1_000_000))}),
    _case("i64-100000", "a hundred thousand random i64", lambda: {"": ("i64", _random("i64", 100_000))}),
    _case(
        "equal",
        "a hundred thousand equal numbers: no quadratic time, no change",
        lambda: {"i32": ("i32", [-7] * 100_000), "i64": ("i64", [-7] * 100_000)},
    ),
    _case(
        "sorted",
        "a hundred thousand numbers in order already: no quadratic time",
        lambda: {"i32": ("i32", range(-50_000, 50_000)), "i64": ("i64", range(-(1 << 40), 100_000 - (1 << 40)))},
    ),
    _case(
        "reversed",
        "a hundred thousand numbers in descending order: no quadratic time",
        lambda: {"i32": ("i32", range(50_000, -50_000, -1)), "i64": ("i64", range(1 << 40, (1 << 40) - 100_000, -1))},
    ),
    _case(
        "few",
        "no number, one, two, three",
        lambda: {
            f"{len(numbers)} of {kind}": (kind, numbers) for kind in _BITS for numbers in ([], [5], [2, -1], [3, 1, 2])
        },
    ),
    _case(
        "extremes",
        "the smallest and largest numbers, and both sides of every power of two",
        lambda: {kind: (kind, _extremes(kind)) for kind in _BITS},
    ),
]
