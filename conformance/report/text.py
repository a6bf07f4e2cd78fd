"""The report for a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.causes import explain
from conformance.report.summary import LETTERS, again, counts, groups, short_counts, targets
from conformance.store import Record, Run

__all__ = ["explain_record", "render", "summary"]

_STYLES = {
    "pass": "green", "unexpected": "bold red", "expected": "yellow", "unsupported": "cyan", "missing": "magenta", "blocked": "yellow",
}  # fmt: skip
_MOST = 30  # unexpected cells told in full


def render(run: Run) -> str:
    """The table and every cell that is not as it should be."""
    console = Console(file=StringIO(), width=110, no_color=True)
    _print(console, run, list(run.notes), most=len(run.records))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def summary(run: Run, notes: Sequence[str], page: Path) -> None:
    """What `wasm-matrix run` ends with."""
    console = Console()
    _print(console, run, notes, _MOST)
    console.print(f"report: {page}", soft_wrap=True, highlight=False)


def _print(console: Console, run: Run, notes: Sequence[str], most: int) -> None:
    columns = targets(run)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    for name in columns:
        table.add_column(name.replace("+", "\n+"), justify="right")
    for row, members in groups(run.records).items():
        shown = []
        for name in columns:
            parts = short_counts([record for record in members if record.target == name])
            shown.append(Text(" ").join(Text(text, _STYLES.get(shade, "")) for text, shade in parts))
        table.add_row(row, *shown)
    console.print(table)
    letters = ", ".join(f"{letter} {status}" for status, letter in LETTERS.items() if letter)
    console.print(f"Number of cells that passed; {letters}", style="dim", highlight=False)
    unexpected = [record for record in run.records if record.unexpected]
    for record in unexpected[:most]:
        console.print(Text(f"\n{explain_record(record)}"), soft_wrap=True, highlight=False)
    if len(unexpected) > most:
        console.print(f"\n… and {len(unexpected) - most} more unexpected cells; the report has them all")
    for note in notes:
        console.print(Text(f"\n{note}", "red"), soft_wrap=True)
    seconds = (run.finished or run.started) - run.started
    total = ", ".join(f"{count} {status}" for status, count in counts(run.records).items())
    known = sum(bool(record.expected) and record.status != "pass" for record in run.records)
    console.print(
        f"\nrun {run.id}: {len(run.records)} of {len(run.plan)} cells in {seconds:.0f} s: {total}; "
        f"{known} as expected, {len(unexpected)} unexpected",
        soft_wrap=True, highlight=False,
    )  # fmt: skip


def explain_record(record: Record) -> str:
    """A cell that is not as it should be, in a few lines: status, cause, evidence, and how to see it again."""
    lines = [f"{record.status.upper()} {record.id}"]
    if record.expected is False:
        lines.append(f"  expected otherwise: {record.reason}")
    for cause in (record.cause, *record.also):
        if cause:
            lines.append(f"  {cause}: {explain(cause)}")
    for key, value in record.detail.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        lines += [f"  {key}: {line}" if not index else f"    {line}" for index, line in enumerate(text.splitlines()[-12:])]
    lines.append(f"  again: {again(record)}")
    return "\n".join(lines)
