"""`wasm-matrix report`: shows a stored run."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli._options import store_option, write
from conformance.report import FORMATS, render
from conformance.store import Store

__all__ = ["report"]


@click.command()
@click.option("--run", "run_id", metavar="ID", help="Which run; the newest without.")
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="text", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file, not to the terminal."
)
@store_option
def report(run_id: str | None, form: str, output: Path | None, store: Path) -> None:
    """Show a stored run.

    In the terminal, or as HTML, JSON, JUnit or Markdown.
    """
    opened = Store(store, create=False)
    try:
        text = render(opened.load(run_id), form)
    finally:
        opened.close()
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    write(output, text)
    click.echo(f"{output}")
