"""The report for programs. Its form is documented in docs/report-json.md, and changes only by additions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from conformance.report.summary import again
from conformance.store import Record, Run

__all__ = ["as_data", "render"]


def render(run: Run) -> str:
    """`{"run": {…}, "cells": […]}`."""
    return json.dumps(as_data(run), indent=1, ensure_ascii=False) + "\n"


def as_data(run: Run) -> dict[str, Any]:
    """The same, as objects."""
    return {
        "run": {
            "id": run.id,
            "started": _time(run.started),
            "finished": _time(run.finished) if run.finished else None,
            "command": run.command,
            "matrix": run.matrix,
            "machine": dict(run.machine),
            "planned": len(run.plan),
            "notes": list(run.notes),
            "targets": {name: dict(hello) for name, hello in run.targets.items()},
        },
        "cells": [_cell(record) for record in run.records],
    }


def _cell(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "case": record.case,
        "title": record.title,
        "language": record.language,
        "variant": record.variant,
        "label": record.label,
        "target": record.target,
        "profile": record.profile,
        "status": record.status,
        "cause": record.cause,
        "also": list(record.also),
        "expected": record.expected,
        "unexpected": record.unexpected,
        "reason": record.reason,
        "link": record.link,
        "detail": dict(record.detail),
        "seconds": record.seconds,
        "call_seconds": record.call_seconds,
        "overhead": record.overhead,
        "again": again(record),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
