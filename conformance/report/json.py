"""The report for programs. Its form is documented in docs/report-json.md, and changes only by additions."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from conformance.report.summary import again
from conformance.store import Record, Run

__all__ = ["as_data", "compact", "render"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def render(run: Run) -> str:
    """`{"run": {…}, "cells": […]}`."""
    return _encodable(json.dumps(as_data(run), indent=1, ensure_ascii=False)) + "\n"


def compact(data: object) -> str:
    """JSON for a place inside of HTML's `<script>`: it holds no `<`."""
    return _encodable(json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _encodable(text: str) -> str:
    """JSON text that UTF-8 can carry: a lone surrogate, which only a string can hold, becomes its escape."""
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


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
