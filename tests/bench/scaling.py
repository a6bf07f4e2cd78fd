"""What two threads gain on each target and in C, by turns: `python -m tests.bench.scaling [TARGET…]`.

The case `threads/reduce-2` of the Rust module against the same sum with pthreads. Of the rounds the best counts on
either side, of one thread and of two: others' work on the machine only slows down. Where we may (root on Linux), we and
all that we start go before others. Efficiency is what two threads gained, halved. Goal: 95 % of native's.
"""

from __future__ import annotations

import contextlib
import os
import sys

from conformance import native
from conformance.case import Case
from conformance.cases import CASES
from conformance.cases.threads import PASSES
from conformance.wire import resolve
from headers_server.profiles import shipped
from modules.table import load
from runners.provision import cache_folder
from runners.runtime import Target
from runners.session import MIB, Session
from runners.targets import parse_target, runtime_of, session_of
from tests.bench.measure import show, verdict

ROUNDS = 20
WORKERS = 2
GOAL = 0.95
TARGETS = ("wasmtime-50", "wasmer-7.4+cranelift", "node-24")


class Runs:
    """The seconds of one thread and of two, round by round."""

    def __init__(self, target: Target) -> None:
        self.alone: list[float] = []
        self.together: list[float] = []
        table = load()
        case: Case = next(case for case in CASES if case.id == f"threads/reduce-{WORKERS}")
        module = table.modules["rust-threads"]
        script = case.build(module)
        pair = next(expect["speedup"] for command in script if "speedup" in (expect := command.get("expect", {})))
        self._alone, self._together = pair["over"], pair["of"]
        self._wire = resolve(script, module, table.modules, cache_folder("data"))
        self._session: Session = session_of(target, 2048 * MIB)

    def once(self) -> None:
        observation = self._session.run(self._wire, 60.0)
        if len(observation.results) != len(self._wire):
            raise SystemExit(f"{self._session.command} did not answer: {observation}")
        self.alone.append(observation.results[self._alone]["seconds"])
        self.together.append(observation.results[self._together]["seconds"])

    def close(self) -> None:
        self._session.close()


def efficiency(alone: list[float], together: list[float]) -> float:
    return min(alone) / min(together) / WORKERS


def main() -> None:
    with contextlib.suppress(AttributeError, PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    program = native.compiled()
    if program is None:
        raise SystemExit("no C compiler: nothing to compare with")
    targets = [parse_target(name, list(shipped())) for name in sys.argv[1:] or TARGETS]
    runs = {target.name: Runs(target) for target in targets if runtime_of(target).state(target).kind == "ready"}
    alone: list[float] = []
    together: list[float] = []
    try:
        for _ in range(ROUNDS):
            alone.append(native.seconds(program, "reduce", 1, PASSES))
            together.append(native.seconds(program, "reduce", WORKERS, PASSES))
            for each in runs.values():
                each.once()
    finally:
        for each in runs.values():
            each.close()
    reference = efficiency(alone, together)
    rows = [("native", *_times(alone, together), f"{reference:.3f}", "", "")]
    for name, each in runs.items():
        reached = efficiency(each.alone, each.together)
        share = reached / reference
        rows.append(
            (name, *_times(each.alone, each.together), f"{reached:.3f}", f"{share:.1%}", verdict(share >= GOAL))
        )
    headings = ("", "1 thread, ms", f"{WORKERS} threads, ms", "efficiency", "of native's", f"≥ {GOAL:.0%}")
    show(f"reduce by {WORKERS} threads, best of {ROUNDS} rounds", headings, rows)


def _times(*runs: list[float]) -> list[str]:
    return [f"{min(times) * 1000:.1f}" for times in runs]


if __name__ == "__main__":
    main()
