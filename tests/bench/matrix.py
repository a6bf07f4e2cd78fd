"""The whole default matrix, as `wasm-matrix run` does it: `python -m tests.bench.matrix`.

Goal: 3 minutes on two cores, all set up.
"""

from __future__ import annotations

from collections import defaultdict

from conformance.report.summary import counts
from tests.bench.measure import matrix, show, verdict

GOAL = 180.0  # seconds


def main() -> None:
    measured = matrix()
    inside: dict[str, float] = defaultdict(float)
    beside: dict[str, float] = defaultdict(float)
    for record in measured.run.records:
        inside[record.target] += record.seconds
        beside[record.target] += record.overhead
    rows = [
        (
            target,
            str(sum(record.target == target for record in measured.run.records)),
            f"{inside[target]:.1f}",
            f"{beside[target]:.1f}",
            "",
            "",
        )
        for target in measured.run.columns
    ]
    rows.append(
        ("all", str(len(measured.run.records)), f"{sum(inside.values()):.1f}", f"{sum(beside.values()):.1f}", "", "")
    )
    rows.append(
        (
            "by the clock",
            str(len(measured.run.records)),
            "",
            f"{measured.seconds:.1f}",
            f"{GOAL:g}",
            verdict(measured.seconds <= GOAL),
        )
    )
    said = ", ".join(f"{count} {status}" for status, count in counts(measured.run.records).items())
    show(f"The default matrix, seconds: {said}", ("target", "cells", "in runners", "beside", "goal", "met"), rows)


if __name__ == "__main__":
    main()
