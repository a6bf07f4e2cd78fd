"""A whole matrix, as `wasm-matrix run` does it: `python -m tests.bench.matrix` the default one, with `isolation` behind
it every browser under every profile, asked for all of `isolation/*`.

Goals, on two cores and with all set up: 3 minutes, and 6.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence

from conformance.report.summary import counts
from tests.bench.measure import matrix, show, verdict

MATRICES: dict[str, tuple[Sequence[str], float]] = {
    "default": ((), 180.0),
    "isolation": (("--profile", "*", "--case", "isolation/*"), 360.0),
}
"""Arguments of `wasm-matrix run`, and the goal in seconds."""


def main(name: str) -> None:
    arguments, goal = MATRICES[name]
    measured = matrix(*arguments)
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
            f"{goal:g}",
            verdict(measured.seconds <= goal),
        )
    )
    said = ", ".join(f"{count} {status}" for status, count in counts(measured.run.records).items())
    show(f"The {name} matrix, seconds: {said}", ("target", "cells", "in runners", "beside", "goal", "met"), rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.matrix", description=__doc__)
    parser.add_argument("name", nargs="?", choices=MATRICES, default="default")
    main(parser.parse_args().name)
