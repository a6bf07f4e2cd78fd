"""The table of threads: how fast they count, wake each other, come and go on each target, what they gain, how many
there are."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from conformance.store import Record

__all__ = ["LEGEND", "Row", "table"]

LEGEND = (
    "one run on one machine, busy or not: read ratios, not times. speed-up: so many workers against one, the median of "
    "the modules, of what as many native threads gained beside it. threads: so many at once, until it said no; "
    "with +, it did not"
)
_MEASURED = ("speed", "speedup", "most_threads")
_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


class Row(NamedTuple):
    """`name` is the case's, as short as it can be; `unit` what its numbers are of."""

    case: str
    name: str
    unit: str
    cells: list[str]
    """A number for each target, empty where there is none."""


def table(records: Sequence[Record], targets: Sequence[str]) -> list[Row]:
    """The cases that measured threads, in their order."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record.status == "pass" and any(key in record.detail for key in _MEASURED):
            found.setdefault(record.case, []).append(record)
    return [
        Row(
            case,
            case.removeprefix("threads/").removeprefix("bench-"),
            _unit(members[0]),
            [_cell([record for record in members if record.target == target]) for target in targets],
        )
        for case, members in found.items()
    ]


def _unit(record: Record) -> str:
    if "speed" in record.detail:
        return str(record.detail["speed"]["unit"])
    return "speed-up" if "speedup" in record.detail else "threads"


def _cell(records: Sequence[Record]) -> str:
    if speeds := [record.detail["speed"]["value"] for record in records if "speed" in record.detail]:
        return _short(median(speeds))
    if counts := [record for record in records if "most_threads" in record.detail]:
        fewest = min(counts, key=lambda record: record.detail["most_threads"])
        return f"{fewest.detail['most_threads']:,}" + ("" if "refused" in fewest.detail else "+")
    gains = [record.detail["speedup"] for record in records]
    native = [record.detail["native"] for record in records if "native" in record.detail]
    if not gains:
        return ""
    return f"{median(gains):.2f}" + (f" of {median(native):.2f}" if native else "")


def _short(number: float) -> str:
    """Three digits and a prefix: `192M`, `13.6k`."""
    for factor, prefix in _PREFIXES:
        if number >= factor:
            return f"{number / factor:.3g}{prefix}"
    return f"{number:.3g}"
