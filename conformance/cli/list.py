"""`wasm-matrix list`: the targets, cases or cells that there are."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from conformance.cli._options import matrix_option
from conformance.settings import Matrix, Settings
from runners.targets import runtime_of

__all__ = ["list_"]


@click.command("list")
@click.argument("what", type=click.Choice(["targets", "cases", "cells"]), default="targets")
@matrix_option
def list_(what: str, matrix: Path) -> None:
    """List targets, cases or cells."""
    loaded = Matrix(matrix)
    cells = loaded.cells(Settings())
    if what == "cells":
        click.echo("\n".join(cell.id for cell in cells))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    if what == "cases":
        for heading in ("case", "languages", "question"):
            table.add_column(heading, overflow="fold")
        labels: dict[str, list[str]] = {}
        for cell in cells:
            labels.setdefault(cell.case.id, [])
            if cell.label not in labels[cell.case.id] and cell.module:
                labels[cell.case.id].append(cell.label)
        cases = {cell.case.id: cell.case for cell in cells}
        for case, names in labels.items():
            often = f" ({cases[case].repeats} repeats)" if cases[case].repeats > 1 else ""
            table.add_row(case, " ".join(names), f"{cases[case].title}{often}")
    else:
        for heading in ("target", "cells", "state", "what"):
            table.add_column(heading, overflow="fold")
        for target in dict.fromkeys(cell.target for cell in cells):
            state = runtime_of(target).state(target)
            table.add_row(target.name, str(sum(cell.target == target for cell in cells)), state.kind, state.say)
    Console(soft_wrap=True).print(table)
