"""The report for a pull request, an issue or a wiki."""

from __future__ import annotations

import re

from conformance.causes import explain
from conformance.report import features, threads
from conformance.report.summary import (
    LEGEND,
    again,
    counts,
    ending,
    groups,
    known,
    not_run,
    printable,
    repeats,
    short_counts,
    targets,
)
from conformance.store import Run

__all__ = ["render"]

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def render(run: Run) -> str:
    """A table of cases and targets, then what is unexpected, then what is known."""
    columns = targets(run)
    lines = [
        f"# Matrix {run.id}",
        "",
        ", ".join(f"{count} {status}" for status, count in counts(run.records).items()) + ".",
        "",
    ]
    lines += [_row("", *map(_text, columns)), "| --- |" + " ---: |" * len(columns)]
    for case, members in groups(run.records).items():
        cells = (short_counts([record for record in members if record.target == name]) for name in columns)
        lines.append(_row(_text(case), *(" ".join(_mark(*part) for part in parts) or "–" for parts in cells)))
    lines += ["", f"{LEGEND}; **bold**: unexpected.", ""]
    unexpected = [record for record in run.records if record.unexpected]
    if unexpected:
        lines += ["## Unexpected", ""]
        for record in unexpected:
            cause = f"{_code(record.cause)}: {_text(explain(record.cause))}. " if record.cause else ""
            otherwise = f"Expected otherwise: {_text(record.reason or '')}. " if record.expected is False else ""
            often = f"{_text(said)}. " if (said := repeats(record)) else ""
            lines.append(
                f"- **{ending(record)}** {_code(record.id)} {cause}{often}{otherwise}Again: {_code(again(record))}"
            )
        lines.append("")
    if as_expected := known(run.records):
        lines += ["## Known", ""]
        lines += [
            f"- {count} {status}: {_text(reason)}" + (f" (<{link}>)" if link else "")
            for reason, status, link, count in as_expected
        ]
        lines.append("")
    if absent := not_run(run.records):
        lines += [
            "## Missing",
            "",
            *(f"- {_text(target)}, {count} cells: {_text(reason)}" for target, reason, count in absent),
            "",
        ]
    if run.notes:
        lines += ["## Notes", "", *(f"- {_text(note)}" for note in run.notes), ""]
    if speeds := threads.table(run.records, columns):
        lines += ["## Threads", "", _row("", *map(_text, columns)), "| --- |" + " ---: |" * len(columns)]
        lines += [_row(_text(f"{speed.name}, {speed.unit}"), *map(_text, speed.cells)) for speed in speeds]
        lines += ["", f"How many a second; {threads.LEGEND}.", ""]
    if rows := features.table(run.targets, columns):
        lines += ["## Features", "", _row("", *map(_text, columns)), "| --- |" + " :---: |" * len(columns)]
        for row in rows:
            marks = (found.mark if found else "" for found in row.cells)
            lines.append(_row(f"{_code(row.name)} {row.feature.stands}", *marks))
        lines += ["", f"{features.LEGEND}.", ""]
        for number, name in enumerate(columns):
            flags = [(row.name, found.flag) for row in rows if (found := row.cells[number]) and found.flag]
            if flags:
                lines.append(f"- {_text(name)}: " + ", ".join(f"{feature} {_code(flag)}" for feature, flag in flags))
        lines.append("")
    lines += ["## Targets", ""]
    for name in columns:
        hello = run.targets.get(name)
        lines.append(
            f"- {_text(name)}: {_text(hello['runtime'])} {_text(hello['version'])}"
            if hello
            else f"- {_text(name)}: did not run"
        )
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _mark(text: str, shade: str) -> str:
    return f"**{text}**" if shade == "unexpected" else text


def _text(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))


def _code(text: str) -> str:
    """A code span; its fence is longer than any run of backticks within."""
    line = " ".join(printable(text).split())
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"
