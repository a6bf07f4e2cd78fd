"""`wasm-matrix features`: what each target has of WebAssembly's features, asked now."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.cli._options import chosen_targets, matrix_option
from conformance.execute import as_json
from conformance.report.features import LEGEND, table
from runners.runtime import Target
from runners.session import RunnerFailed
from runners.switches import switched
from runners.targets import runtime_of, session_of

__all__ = ["features"]

_STYLES = {"pass": "green", "expected": "yellow", "unexpected": "bold red", "unsupported": "dim"}


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--json", "as_data", is_flag=True, help="All that was found, as `run.targets` of the JSON report.")
@click.option("--why", is_flag=True, help="In words, for each feature that is not simply there.")
@matrix_option
def features(targets: tuple[str, ...], as_data: bool, why: bool, matrix: Path) -> None:
    """Probe each target's features now.

    Without TARGET: all of the matrix that are set up. Each feature is executed with a known answer; where a feature is
    off by default, so is the flag that turns it on.
    """
    config, chosen = chosen_targets(matrix, targets)
    found: dict[str, dict[str, Any]] = {}
    failures = []
    for target in chosen:
        state = runtime_of(target).state(target)
        if state.kind != "ready":
            failures.append(f"{target.name}: {state.kind}: {state.say}")
            continue
        try:
            found[target.name] = _ask(target, config.memory_limit << 20)
        except RunnerFailed as error:
            failures.append(f"{target.name}: its runner {error}")
    if as_data:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    elif found:
        _print(found, why)
    for failure in failures:
        click.echo(failure, err=True)
    if not found:
        sys.exit(3)


def _ask(target: Target, memory_limit: int) -> dict[str, Any]:
    with session_of(target, memory_limit) as session:
        hello = session.hello()
    return as_json(hello, switched(runtime_of(target), target, hello))


def _print(found: dict[str, dict[str, Any]], why: bool) -> None:
    names = list(found)
    rows = table(found, names)
    console = Console(highlight=False)
    shown = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("feature", "standing"):
        shown.add_column(heading, no_wrap=True)
    for number in range(1, len(names) + 1):
        shown.add_column(str(number), no_wrap=True, min_width=2)
    for row in rows:
        cells = [Text(cell.mark, _STYLES[cell.shade]) if cell else Text("") for cell in row.cells]
        shown.add_row(row.name, Text(row.feature.stands, "dim"), *cells)
    console.print(shown)
    console.print(LEGEND, style="dim", soft_wrap=True)
    for number, name in enumerate(names, 1):
        said = found[name]
        console.print(f"{number:3} {name}: {said['runtime']} {said['version']}, {said['probed']}", soft_wrap=True)
        for row in rows:
            cell = row.cells[number - 1]
            if cell is not None and cell.flag and not why:
                console.print(f"      {cell.mark} {row.name}: {cell.flag}", soft_wrap=True, markup=False)
            elif cell is not None and why and cell.says != "executed":
                console.print(f"      {cell.mark} {row.name}: {cell.says}", soft_wrap=True, markup=False)
