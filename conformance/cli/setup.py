"""`wasm-matrix setup`: installs or builds what targets need."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from conformance.cli._options import chosen_targets, matrix_option
from runners.installation import Progress, install
from runners.provision import cache_folder
from runners.runtime import Target
from runners.targets import runtime_of

__all__ = ["setup"]

_COLOURS = {"ready": "green", "installable": "yellow", "missing": "red", "unsupported": "bright_black"}


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--list", "only_list", is_flag=True, help="Show each target's state; change nothing.")
@click.option("--progress", type=click.Path(path_type=Path), hidden=True)
@matrix_option
def setup(targets: tuple[str, ...], only_list: bool, progress: Path | None, matrix: Path) -> None:
    """Install or build what targets need.

    Without TARGET: all of the matrix. Says beforehand what it will do.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C: what is being built is ended, too
    _, chosen = chosen_targets(matrix, targets)
    console = Console(soft_wrap=True)
    states = {target: runtime_of(target).state(target) for target in chosen}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("target", "state", "what"):
        table.add_column(heading)
    for target, state in states.items():
        table.add_row(target.name, f"[{_COLOURS[state.kind]}]{state.kind}[/]", state.say)
    console.print(table)
    if only_list:
        return
    if all(state.kind in ("ready", "unsupported") for state in states.values()):
        console.print("Nothing to do.")
        return
    began = time.monotonic()
    log_file = cache_folder("logs") / f"setup-{time.strftime('%Y%m%d-%H%M%S')}.log"
    console.print(f"The output of all installations goes to {log_file}")

    def done(target: Target, failure: str | None) -> None:
        seconds = time.monotonic() - began
        console.print(f"{seconds:6.0f} s  {target.name}: " + (f"[red]{failure}[/]" if failure else "[green]ready[/]"))

    with log_file.open("w", encoding="utf-8", buffering=1) as log:
        failures = install(chosen, lambda line: print(line, file=log), Progress(progress) if progress else None, done)
    if failures:
        if len(failures) == len(chosen):
            sys.exit(3)
        sys.exit(1)
