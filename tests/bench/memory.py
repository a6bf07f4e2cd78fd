"""How large the main process of a full run grows: `python -m tests.bench.memory`. Goal: 250 MB.

The main process collects, schedules and stores; the workers that build scripts and hold runners are bounded by
`memory_limit`. The report is made in it at the end, so it is in the figure, too. With -n 0 it is the worker as well.
"""

from __future__ import annotations

from tests.bench.measure import matrix, show, verdict

GOAL = 250.0  # MB


def main() -> None:
    rows = []
    for workers in ("2", "0"):
        measured = matrix("-n", workers)
        peak = measured.peak_mib * 1.048576
        rows.append(
            (
                f"-n {workers}",
                str(len(measured.run.records)),
                f"{peak:.0f}",
                f"{peak / GOAL:.2f}",
                f"{GOAL:g}",
                verdict(peak <= GOAL),
            )
        )
    show(
        "Peak resident memory of the main process, MB", ("workers", "cells", "peak", "of the goal", "goal", "met"), rows
    )


if __name__ == "__main__":
    main()
