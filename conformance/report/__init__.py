"""Reports: each is a pure function of a stored run."""

from __future__ import annotations

from collections.abc import Callable

from conformance.report import html, json, junit, markdown, text
from conformance.store import Run
from conformance.triage import triaged

__all__ = ["FORMATS", "render"]

FORMATS: dict[str, Callable[[Run], str]] = {
    "html": html.render,
    "json": json.render,
    "junit": junit.render,
    "markdown": markdown.render,
    "text": text.render,
}


def render(run: Run, form: str) -> str:
    """The run in one of FORMATS."""
    return FORMATS[form](triaged(run))
