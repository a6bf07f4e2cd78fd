"""What only a whole run tells of a cell: that every engine gives the same wrong answer. A pure function of the run.

It adds a cause beside the cell's own (`Record.also`). The cell's own stays what its own observation says: expectations
are held against it as the cell ends, when nobody knows of the others yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.store import Record, Run

__all__ = ["triaged"]

_RAN = ("pass", "fail", "flaky", "crash", "timeout")


def triaged(run: Run) -> Run:
    """The run, where cells whose wrong value is that of at least two engines, and of all that ran, say so."""
    questions: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in run.records:
        if record.status in _RAN:
            questions[record.case, record.label].append(record)
    suspects = {record.id for asked in questions.values() if _is_the_modules(asked, run.targets) for record in asked}
    if not suspects:
        return run
    also = "module/wrong-value"
    return replace(
        run,
        records=tuple(
            replace(record, also=(*record.also, also)) if record.id in suspects and also not in record.also else record
            for record in run.records
        ),
    )


def _is_the_modules(asked: list[Record], targets: Mapping[str, Mapping[str, Any]]) -> bool:
    if any((record.status, record.cause) != ("fail", "engine/wrong-value") for record in asked):
        return False
    answers = {(record.detail.get("command"), record.detail.get("seen")) for record in asked}
    return len(answers) == 1 and len({_engine(record.target, targets) for record in asked}) > 1


def _engine(target: str, targets: Mapping[str, Mapping[str, Any]]) -> str:
    """What computes: several runtimes share V8, and a defect of it is theirs together."""
    hello = targets.get(target, {})
    facts = hello.get("facts", {})
    if "v8" in facts or "Chrome/" in str(facts.get("userAgent", "")):
        return "v8"
    return str(hello.get("runtime", target))
