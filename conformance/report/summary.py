"""What every report asks of a run: its order of cases and targets, its groups, its counts."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from conformance.causes import STATUSES
from conformance.store import Record, Run

__all__ = [
    "LEGEND",
    "LETTERS",
    "again",
    "counts",
    "ending",
    "evidence",
    "groups",
    "job",
    "kind",
    "known",
    "not_run",
    "printable",
    "repeats",
    "short_counts",
    "targets",
]

LETTERS = {
    "pass": "",
    "fail": "F",
    "flaky": "K",
    "crash": "C",
    "timeout": "T",
    "unsupported": "u",
    "blocked": "b",
    "missing": "m",
}
"""How a status is written in a narrow table: the number of cells and this letter."""

LEGEND = "Number of cells that passed; " + ", ".join(f"{letter} {name}" for name, letter in LETTERS.items() if letter)

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_REPEATS = ("repeats", "failed", "rate", "asked", "ended", "first")
_FEW = 40  # cases that a table shows one by one


def targets(run: Run) -> list[str]:
    """The targets that have cells, in the order of matrix.yaml."""
    seen = {record.target for record in run.records}
    return [name for name in run.columns if name in seen]


def groups(records: Sequence[Record]) -> dict[str, list[Record]]:
    """The rows of a table: by case when there are few, else by `job`."""
    by_case: dict[str, list[Record]] = {}
    for record in records:
        by_case.setdefault(record.case, []).append(record)
    if len(by_case) <= _FEW:
        return by_case
    rows: dict[str, list[Record]] = {}
    for case, members in by_case.items():
        rows.setdefault(job(case), []).extend(members)
    return rows


def job(case: str) -> str:
    """The row of a case in a table of jobs: `sha256`; of those that use threads `threads/litmus`."""
    family, _, name = case.partition("/")
    return f"{family}/{name.partition('-')[0]}" if family == "threads" else family


def kind(record: Record) -> str:
    """How a cell is coloured: `unexpected`, `expected` (known not to pass), or its status."""
    if record.unexpected:
        return "unexpected"
    return "expected" if record.expected and record.status != "pass" else record.status


def counts(records: Iterable[Record]) -> Counter[str]:
    """Cells by status, in the order of STATUSES."""
    found = Counter(record.status for record in records)
    return Counter({status: found[status] for status in STATUSES if found[status]})


def short_counts(records: Iterable[Record]) -> list[tuple[str, str]]:
    """(text, kind) for each status in a narrow cell: `24`, `3F`."""
    found: Counter[tuple[str, str]] = Counter((record.status, kind(record)) for record in records)
    ordered = sorted(found.items(), key=lambda item: (STATUSES.index(item[0][0]), item[0][1]))
    return [(f"{count}{LETTERS[status]}", shade) for (status, shade), count in ordered]


def known(records: Iterable[Record]) -> list[tuple[str, str, str | None, int]]:
    """(reason, status, link, how many cells) of what did not pass, as expected; in the order of the cells."""
    found = Counter(
        (record.reason or "", record.status, record.link) for record in records if kind(record) == "expected"
    )
    return [(*key, count) for key, count in found.items()]


def not_run(records: Iterable[Record]) -> list[tuple[str, str, int]]:
    """(target, what to do about it, how many cells) of what is missing."""
    found = Counter(
        (record.target, str(record.detail.get("reason", ""))) for record in records if record.status == "missing"
    )
    return [(*key, count) for key, count in found.items()]


def ending(record: Record) -> str:
    """How a cell ended: its status; of a repeated one that did not always pass with `failed/repeats`: `flaky 3/30`."""
    times, failed = record.detail.get("repeats"), record.detail.get("failed")
    return f"{record.status} {failed}/{times}" if times and failed else record.status


def repeats(record: Record) -> str | None:
    """In a sentence what the repeats of a cell say; None where it was asked once."""
    times = record.detail.get("repeats")
    if times is None:
        return None
    low, high = (f"{100 * bound:.3g}" for bound in record.detail["rate"])
    said = f"{record.detail['failed']} of {times} failed; with 95 % confidence {low} to {high} % of all do"
    if ended := record.detail.get("ended"):
        said += f"; {', '.join(f'{count} {how}' for how, count in ended.items())}"
    if record.detail["failed"]:
        said += f"; shown is number {record.detail['first']}"
    return said + (f"; {record.detail['asked']} were wanted" if "asked" in record.detail else "")


def evidence(record: Record) -> dict[str, Any]:
    """What `detail` holds beside what `repeats` says."""
    return {key: value for key, value in record.detail.items() if "repeats" not in record.detail or key not in _REPEATS}


def printable(text: str) -> str:
    """The text with what would disturb a terminal, XML or UTF-8 written as an escape.

    That is control characters other than tab and newline, lone surrogates and noncharacters: modules and engines may
    print anything.
    """
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def again(record: Record) -> str:
    """The command that runs this one cell again."""
    name = record.id.rpartition("@")[0]
    command = ["wasm-matrix", "run", "--target", record.target, "-k", name]
    if asked := record.detail.get("asked"):
        command += ["--repeat", str(asked), "--until-fail"]
    elif times := record.detail.get("repeats"):
        command += ["--repeat", str(times)]
    for kind_ in str(record.detail.get("stress", "")).split():
        command += ["--stress", kind_]
    return shlex.join(command)
