"""The report for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.causes import explain
from conformance.report import threads
from conformance.report.summary import (
    LEGEND,
    again,
    counts,
    ending,
    evidence,
    groups,
    known,
    not_run,
    printable,
    repeats,
    short_counts,
    targets,
)
from conformance.store import Record, Run
from conformance.triage import triaged

__all__ = ["WIDTH", "explain_record", "render", "summary"]

WIDTH = 110
"""Of a text report, in characters; only commands, to be copied whole, and links go over it."""

_STYLES = {
    "pass": "green", "unexpected": "bold red", "expected": "yellow", "unsupported": "cyan",
    "missing": "magenta", "blocked": "yellow",
}  # fmt: skip
_MOST = 30  # unexpected cells told in full
_GAP = 2  # characters between columns


def render(run: Run) -> str:
    """The table and every cell that is not as it should be."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, no_color=True)
    _print(console, run, most=len(run.records))
    _print_threads(console, run)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().rstrip("\n").split("\n"))


def summary(run: Run) -> None:
    """What `wasm-matrix run` ends with."""
    _print(Console(), triaged(run), _MOST)


def _print(console: Console, run: Run, most: int) -> None:
    columns = targets(run)
    for table in _tables(_matrix(run, columns), columns, console.width):
        console.print(table)
    console.print(LEGEND, style="dim", highlight=False)
    as_expected = known(run.records)
    for reason, status, link, count in as_expected:
        console.print(Text(f"\n{count} {status} as expected: {printable(reason)}"))
        if link:
            console.print(Padding(Text(link, no_wrap=True, overflow="ignore"), (0, 0, 0, 2), expand=False), crop=False)
    for target, reason, count in not_run(run.records):
        console.print(Text(f"\n{target}: {count} missing: {printable(reason)}", _STYLES["missing"]), soft_wrap=True)
    unexpected = [record for record in run.records if record.unexpected]
    for record in unexpected[:most]:
        console.print()
        for line in explain_record(record).splitlines():
            _line(console, line)
    if len(unexpected) > most:
        console.print(f"\n… and {len(unexpected) - most} more unexpected cells; the report has them all")
    for note in run.notes:
        console.print(Text(f"\n{printable(note)}", "red"), soft_wrap=True)
    took = f"in {run.finished - run.started:.0f} s" if run.finished else "before it was cut off"
    total = ", ".join(f"{count} {status}" for status, count in counts(run.records).items())
    console.print(
        f"\nrun {run.id}: {len(run.records)} of {len(run.plan)} cells {took}: {total}; "
        f"{sum(count for *_, count in as_expected)} as expected, {len(unexpected)} unexpected",
        highlight=False, markup=False,
    )  # fmt: skip


def _print_threads(console: Console, run: Run) -> None:
    columns = targets(run)
    rows = {
        f"{row.name}, {row.unit}": [Text(cell) for cell in row.cells] for row in threads.table(run.records, columns)
    }
    if rows:
        console.print("\nThreads", style="bold")
        for table in _tables(rows, columns, console.width):
            console.print(table)
        console.print(f"How many a second; {threads.LEGEND}.", style="dim", highlight=False)


def _matrix(run: Run, columns: Sequence[str]) -> dict[str, list[Text]]:
    """For each case, or group of cases, its cells by target."""
    return {
        row: [_counts([record for record in members if record.target == name]) for name in columns]
        for row, members in groups(run.records).items()
    }


def _tables(rows: Mapping[str, Sequence[Text]], columns: Sequence[str], width: int) -> list[Table]:
    """Rows × targets; in several tables, one below the other, where the targets are too many for the width."""
    headings = [name.replace("+", "\n+") for name in columns]
    widths = [
        max(*map(len, heading.split("\n")), *(len(cells[number]) for cells in rows.values())) + _GAP
        for number, heading in enumerate(headings)
    ]
    room = width - max(map(len, rows), default=0)
    tables, first = [], 0
    while first < len(columns):
        last = first + 1
        while last < len(columns) and sum(widths[first : last + 1]) <= room:
            last += 1
        table = Table(
            box=None, header_style="bold", pad_edge=False, padding=(0, _GAP, 0, 0), title=" " if first else None
        )
        table.add_column("", overflow="fold")
        for heading in headings[first:last]:
            table.add_column(heading, justify="right", no_wrap=True, vertical="bottom")
        for row, cells in rows.items():
            table.add_row(Text(row), *cells[first:last])
        tables.append(table)
        first = last
    return tables


def _counts(records: Sequence[Record]) -> Text:
    return Text(" ").join(Text(text, _STYLES.get(shade, "")) for text, shade in short_counts(records))


def _line(console: Console, line: str) -> None:
    """A line of what explain_record says: wrapped under its own indent; a command stays whole."""
    text = line.lstrip()
    if text.startswith("again: "):
        console.print(Text(line), soft_wrap=True)
    else:
        console.print(
            Padding(
                Text(text, "" if line.startswith(" ") else "bold red"), (0, 0, 0, len(line) - len(text)), expand=False
            ),
            highlight=False,
        )


def explain_record(record: Record) -> str:
    """A cell that is not as it should be, in a few lines: status, cause, evidence, and how to see it again."""
    lines = [f"{ending(record).upper()} {record.id}"]
    if record.expected is False:
        lines.append(f"  expected otherwise: {' '.join((record.reason or '').split())}")
    lines += [f"  {cause}: {explain(cause)}" for cause in (record.cause, *record.also) if cause]
    if said := repeats(record):
        lines.append(f"  repeats: {said}")
    for key, value in evidence(record).items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        lines += [
            f"  {key}: {line}" if not index else f"    {line}" for index, line in enumerate(text.splitlines()[-12:])
        ]
    lines.append(f"  again: {again(record)}")
    return printable("\n".join(lines))
