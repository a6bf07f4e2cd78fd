"""Cells per second against a process per test, as many suites run theirs: `python -m tests.bench.throughput [TARGET…]`.

The same scripts of the same module on the same runtime, cells with next to no work in them. The loop starts a runner
for each, lets it answer, and ends it; compiled modules come from its cache on disk in both. Of three rounds, taken in
turns, the best counts on either side: others' work on the machine only slows down. Goal: 20 times as many cells per
second.
"""

from __future__ import annotations

import sys
import time
from fnmatch import fnmatchcase

from conformance.cases import CASES
from conformance.wire import resolve
from headers_server.profiles import shipped
from modules.table import load
from runners.provision import cache_folder
from runners.session import MIB
from runners.targets import parse_target, session_of
from tests.bench.measure import LIGHT, matrix, ready_targets, show, verdict

GOAL = 20.0
ROUNDS = 3
ALONE = 8  # cells a round in the loop: each takes as long as the one before
LABELS = ("rust", "go")


def loop(target: str, label: str) -> float:
    """Cells per second with a process for each."""
    table = load()
    served = {
        case.id: (case, module)
        for case in CASES
        for module in table.serving(case.job)
        if any(fnmatchcase(case.id, pattern) for pattern in LIGHT) and module.label == label and case.asks(module)
    }
    chosen = list(served.values())[:: max(1, len(served) // ALONE)]
    scripts = [resolve(case.build(module), module, table.modules, cache_folder("data")) for case, module in chosen]
    began = time.perf_counter()
    for script in scripts:
        with session_of(parse_target(target, list(shipped())), 2048 * MIB) as session:
            observation = session.run(script, 30.0)
        if observation.end != "done":
            raise SystemExit(f"{target} did not answer: {observation}")
    return len(scripts) / (time.perf_counter() - began)


def main() -> None:
    targets = sys.argv[1:] or ready_targets(browsers=False)
    cases = [part for pattern in LIGHT for part in ("--case", pattern)]
    alone: dict[tuple[str, str], float] = {}
    together: dict[tuple[str, str], float] = {}
    for turn in range(ROUNDS):
        order = targets[turn % len(targets) :] + targets[: turn % len(targets)]
        chosen = [part for target in order for part in ("--target", target)]
        for label in LABELS:
            measured = matrix("-n", "0", "-k", f"[{label}]", *chosen, *cases)
            for target in order[1:] or order:  # the first one's cells are not warm: it makes the scripts for all
                together[target, label] = max(together.get((target, label), 0.0), measured.rates[target])
                alone[target, label] = max(alone.get((target, label), 0.0), loop(target, label))
    rows = []
    for (target, label), rate in sorted(together.items()):
        ratio = rate / alone[target, label]
        figures = (f"{alone[target, label]:.1f}", f"{rate:.0f}", f"{ratio:.0f}×", f"{GOAL:g}×", verdict(ratio >= GOAL))
        rows.append((f"[{label}]@{target}", *figures))
    show("Cells per second", ("module@target", "a process each", "wasm-matrix", "ratio", "goal", "met"), rows)


if __name__ == "__main__":
    main()
