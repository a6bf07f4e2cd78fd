"""What a warm cell costs beside the time inside the runtime: `python -m tests.bench.overhead [TARGET…]`.

Measured from outside: the time between the reports of two cells of one target, less what the runner took for the
second. So everything is in it: the script, the pipe or socket, the verdict, the store, pytest and, with -n 2,
pytest-xdist. `executor` is the part that the suite sees itself (the records' `overhead`); `CPU` the processor time of
the one process (with -n 2: of the gathering one, while both workers report to it). Of three rounds the best counts:
others' work on the machine only slows down. Goal: 2 ms at the median on native runners and node, 3 ms in a browser.
"""

from __future__ import annotations

import statistics
import sys

from headers_server.profiles import shipped
from runners.targets import parse_target, runtime_of
from tests.bench.measure import LIGHT, Cost, at, matrix, ready_targets, show, verdict

ROUNDS = 3
NATIVE, BROWSER = 2.0, 3.0  # ms


def main() -> None:
    targets = sys.argv[1:] or ready_targets()
    chosen = [part for target in targets for part in ("--target", target)]
    cases = [part for pattern in LIGHT for part in ("--case", pattern)]
    best: dict[tuple[str, str], tuple[float, list[Cost], list[float]]] = {}
    for _ in range(ROUNDS):
        for workers in ("0", "2"):
            measured = matrix("-n", workers, *chosen, *cases)
            for target, costs in measured.costs.items():
                inner = [one.overhead for one in measured.run.records if one.target == target and one.seconds]
                median = statistics.median(cost.wall for cost in costs)
                if (workers, target) not in best or median < best[workers, target][0]:
                    best[workers, target] = median, costs, inner
    rows = []
    for (workers, target), (median, costs, inner) in sorted(best.items()):
        goal = BROWSER if runtime_of(parse_target(target, list(shipped()))).is_browser else NATIVE
        parts = (
            median,
            at([cost.wall for cost in costs], 95),
            statistics.median(inner),
            statistics.median(cost.cpu for cost in costs),
        )
        figures = [f"{part * 1000:.2f}" for part in parts]
        rows.append((f"{target} -n {workers}", str(len(costs)), *figures, f"{goal:g}", verdict(median * 1000 <= goal)))
    show("Beside the runner, ms a cell", ("target", "cells", "median", "p95", "executor", "CPU", "goal", "met"), rows)


if __name__ == "__main__":
    main()
