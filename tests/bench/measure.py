"""What the benchmarks share: running a real matrix under the clock, the machine's fingerprint, a small table."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.config import default_matrix, load_config
from conformance.store import Run, Store, machine
from headers_server.profiles import shipped
from runners.targets import parse_target, runtime_of

__all__ = ["LIGHT", "Cost", "Measured", "at", "matrix", "ready_targets", "show", "verdict"]

LIGHT = ("numeric/*", "text/*", "sha256/empty", "sha256/1-byte", "matmul/?")
"""Cells with next to no work in them."""

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cost:
    """What one cell cost beside the runner's own time, in seconds: by the clock, and in CPU of the gathering one."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Measured:
    """A matrix that ran: `seconds` of the whole command, `peak_mib` of its main process, `costs` of its warm cells."""

    run: Run
    seconds: float
    peak_mib: float
    costs: dict[str, list[Cost]]
    rates: dict[str, float]
    """Warm cells per second, by target."""


def matrix(*arguments: str) -> Measured:
    """Runs `wasm-matrix run ARGUMENTS` on the suite's matrix. Raises SystemExit, with its output, when nothing ran."""
    with tempfile.TemporaryDirectory(prefix="wasm-matrix-bench-") as folder:
        clock, store = Path(folder) / "clock.json", Path(folder) / "store.sqlite"
        began = time.perf_counter()
        done = subprocess.run(
            [
                sys.executable, "-m", "conformance.cli", "run", "--matrix", str(default_matrix()),
                "--store", str(store), *arguments,
            ],
            capture_output=True, text=True, check=False,
            env={
                **os.environ, "PYTEST_ADDOPTS": "-p tests.bench.clock", "WASM_MATRIX_BENCH": str(clock),
                "PYTHONPATH": os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")])),
            },
        )  # fmt: skip
        seconds = time.perf_counter() - began
        if done.returncode not in (0, 1):
            raise SystemExit(
                f"wasm-matrix run {' '.join(arguments)} ended with {done.returncode}:\n"
                f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        noted: dict[str, Any] = json.loads(clock.read_text())
        opened = Store(store, create=False)
        run = opened.load()
        opened.close()
    costs, rates = _warm(run, noted["arrived"])
    return Measured(run, seconds, noted["peak_mib"], costs, rates)


def _warm(run: Run, arrived: Sequence[tuple[str, float, float]]) -> tuple[dict[str, list[Cost]], dict[str, float]]:
    """From the times at which cells arrived: each one's distance to the last on its target, less the runner's part.

    The first cell of a target starts its runner, and the first of a module compiles it: neither is warm.
    """
    records = {record.id: record for record in run.records}
    costs: dict[str, list[Cost]] = defaultdict(list)
    spans: dict[str, list[float]] = defaultdict(list)
    last: dict[str, tuple[float, float]] = {}
    seen = set()
    for name, wall, cpu in arrived:
        record = records[name]
        if record.target in last and (record.target, record.label) in seen and record.seconds:
            span = wall - last[record.target][0]
            costs[record.target].append(Cost(span - record.seconds, cpu - last[record.target][1]))
            spans[record.target].append(span)
        last[record.target] = wall, cpu
        seen.add((record.target, record.label))
    return costs, {target: len(span) / sum(span) for target, span in spans.items()}


def ready_targets(*, browsers: bool = True) -> list[str]:
    """The targets of the suite's matrix that are set up here."""
    found = []
    for name in load_config(default_matrix()).target_names():
        target = parse_target(name, list(shipped()))
        runtime = runtime_of(target)
        if runtime.state(target).kind == "ready" and (browsers or not runtime.is_browser):
            found.append(name)
    return found


def at(values: Sequence[float], percent: int) -> float:
    """A percentile (1 … 99) of two values or more."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def verdict(good: bool) -> str:
    return "[green]yes[/]" if good else "[red]no[/]"


def show(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The table, with the machine and how busy it was beneath."""
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    for row in rows:
        table.add_row(escape(row[0]), *row[1:])
    here = machine()
    load = os.getloadavg()[0]
    console = Console(soft_wrap=True)
    console.print(table)
    console.print(
        f"{here['processor']}, {here['cores']} cores, {here['memory_mib']} MiB, {here['system']}, "
        f"Python {here['python']}; load {load:.1f}"
        + (f" on {here['cores']} cores: times are too high, ratios hold" if load > here["cores"] else ""),
        style="dim", highlight=False,
    )  # fmt: skip
