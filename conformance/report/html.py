"""The report for a browser: one self-contained file; case × target, click a cell for its evidence."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.causes import CAUSES
from conformance.report import features, isolation, threads
from conformance.report.json import as_data, compact
from conformance.report.summary import (
    LEGEND,
    LETTERS,
    counts,
    ending,
    evidence,
    job,
    kind,
    known,
    not_run,
    repeats,
    short_counts,
    targets,
)
from conformance.store import Record, Run

__all__ = ["render"]

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_MARKS = {
    "pass": "✓", "fail": "✗", "flaky": "≈", "crash": "☠", "timeout": "…", "unsupported": "–", "blocked": "⊘",
    "missing": "?",
}  # fmt: skip
_SURROGATE = re.compile("[\ud800-\udfff]")  # UTF-8 has no place for half of a pair
_FASTEST_SHOWN = 0.005  # seconds: cases quicker than this say nothing about speed


class _Group(NamedTuple):
    name: str
    summary: list[list[tuple[str, str]]]
    rows: list[tuple[str, str, list[int | None]]]
    """Of each row its name, its title and for each target the index of the cell."""
    troubled: bool


class _Speed(NamedTuple):
    name: str
    times: list[tuple[str, str, float] | None]
    """For each target: milliseconds, how many times the fastest (as text), and the bar's length (0 … 1)."""


def render(run: Run) -> str:
    """The page; it loads nothing."""
    columns = targets(run)
    index = {record.id: number for number, record in enumerate(run.records)}
    groups = _groups(run.records, columns, index)
    browsers, isolated = isolation.table(run.records)
    data = {
        "cells": [
            _cell(cell, record) for cell, record in zip(as_data(run)["cells"], run.records, strict=True)
        ],
        "groups": [group.rows for group in groups],
        "causes": CAUSES,
        "profiles": isolation.profiles(isolated),
    }  # fmt: skip
    page = _TEMPLATES.get_template("matrix.html.j2").render(
        run=run,
        started=datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        duration=f"{run.finished - run.started:.0f} s" if run.finished else "cut off",
        columns=[(name, run.targets.get(name)) for name in columns],
        probed=min((hello["probed"][:10] for hello in run.targets.values() if "probed" in hello), default=None),
        tiles=[(status, count, _shade(run.records, status)) for status, count in counts(run.records).items()],
        unexpected=[(index[record.id], ending(record), record) for record in run.records if record.unexpected],
        known=known(run.records),
        not_run=not_run(run.records),
        counts_legend=LEGEND,
        groups=groups,
        speeds=_speeds(run.records, columns),
        threads=threads.table(run.records, columns),
        threads_legend=threads.LEGEND,
        browsers=browsers,
        isolated=isolated,
        features=features.table(run.targets, columns),
        legend=features.LEGEND,
        marks=_MARKS,
        data=base64.b64encode(gzip.compress(compact(data).encode(), mtime=0)).decode(),
    )
    return _SURROGATE.sub("\ufffd", page)


def _cell(cell: Mapping[str, Any], record: Record) -> dict[str, Any]:
    """A cell as the page's script wants it: as a program gets it, with what is shown of it, without what is empty."""
    shown = {
        **cell,
        "ending": ending(record),
        "repeats": repeats(record),
        "detail": evidence(record),
        "shade": _class(kind(record), record.status),
        "mark": _MARKS[record.status],
        "spoken": f"{record.id}: {ending(record)}" + (f", {record.cause}" if record.cause else ""),
    }
    return {name: value for name, value in shown.items() if value not in (None, [], {}, "")}


def _shade(records: Sequence[Record], status: str) -> str:
    """How the cells of a status are coloured as a whole: as the worst of them."""
    shades = {kind(record) for record in records if record.status == status}
    return _class(next((shade for shade in ("unexpected", "expected") if shade in shades), status), status)


def _groups(records: Sequence[Record], columns: list[str], index: dict[str, int]) -> list[_Group]:
    by_job: dict[str, list[Record]] = {}
    for record in records:
        by_job.setdefault(job(record.case), []).append(record)
    groups = []
    for name, members in by_job.items():
        rows: dict[tuple[str, str], dict[str, Record]] = {}
        for record in members:
            rows.setdefault((record.case, record.label), {})[record.target] = record
        shown = [
            (
                case.partition("/")[2] + (f" [{label}]" if label else ""),
                next(iter(found.values())).title,
                [index[found[target].id] if target in found else None for target in columns],
            )
            for (case, label), found in rows.items()
        ]
        summary = [_summary([record for record in members if record.target == target]) for target in columns]
        groups.append(_Group(name, summary, shown, any(record.unexpected for record in members)))
    return groups


def _summary(records: Sequence[Record]) -> list[tuple[str, str]]:
    flaky = LETTERS["flaky"]
    return [(text, _class(shade, "flaky" if text.endswith(flaky) else "")) for text, shade in short_counts(records)]


def _class(shade: str, status: str) -> str:
    """What is flaky has, beside the colour of what is expected or not, a pattern of its own."""
    return f"{shade} flaky" if status == "flaky" else shade


def _speeds(records: Sequence[Record], columns: list[str]) -> list[_Speed]:
    """Time inside the modules, where it is long enough to mean something, by case and language."""
    rows: dict[str, dict[str, float]] = {}
    for record in records:
        if record.status == "pass" and record.call_seconds:
            rows.setdefault(f"{record.case} [{record.label}]", {})[record.target] = record.call_seconds
    shown = []
    for name, times in rows.items():
        fastest, slowest = min(times.values()), max(times.values())
        if fastest < _FASTEST_SHOWN or len(times) < 2:
            continue
        cells = [
            (f"{times[target] * 1000:.1f}", f"{times[target] / fastest:.1f}×", times[target] / slowest)
            if target in times
            else None
            for target in columns
        ]
        shown.append(_Speed(name, cells))
    return shown
