"""Cross-origin isolation as a report shows it: browsers under profiles, what works in each, and headers to copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from conformance.report.summary import kind
from conformance.store import Record
from headers_server.describe import header_lines
from headers_server.profiles import shipped
from headers_server.snippets import SERVERS, SnippetError, snippet

__all__ = ["Cell", "Row", "profiles", "table"]

_FAMILY = "isolation/"
_THREADS = (f"{_FAMILY}document", f"{_FAMILY}worker")
"""Where threads must work for a program to have any."""


class Cell(NamedTuple):
    """A browser under a profile: how it is coloured (as cells of the matrix are), a mark, what works in a word or two.

    `says` has it in a sentence: in how many contexts threads work, how much of what a page may want to load is loaded,
    how often the browser departs from the standards.
    """

    target: str
    shade: str
    mark: str
    words: str
    says: str


class Row(NamedTuple):
    """A profile; for each browser what was found, None where nobody asked."""

    profile: str
    cells: list[Cell | None]


def table(records: Iterable[Record]) -> tuple[list[str], list[Row]]:
    """The browsers, and a row for each profile, in the order of the cells; both empty where no page was asked."""
    found: dict[str, dict[str, list[Record]]] = {}
    for record in records:
        if record.case.startswith(_FAMILY) and record.profile and "facts" in record.detail:
            browser = record.target.partition("+")[0]
            found.setdefault(record.profile, {}).setdefault(browser, []).append(record)
    browsers = list(dict.fromkeys(browser for row in found.values() for browser in row))
    rows = [
        Row(profile, [_cell(row[browser]) if browser in row else None for browser in browsers])
        for profile, row in found.items()
    ]
    return browsers, rows


def profiles(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Of each that is shipped: `why`, `headers` as lines, `copy`: for each server the `text`, and its `place`."""
    found = {}
    for name in (row.profile for row in rows if row.profile in shipped()):
        profile, copies = shipped()[name], {}
        for server, told in SERVERS.items():
            try:
                copies[told.title] = {"place": told.place, "text": snippet(profile, server)}
            except SnippetError:
                continue
        found[name] = {"why": profile.why, "headers": header_lines(profile), "copy": copies}
    return found


def _cell(records: Sequence[Record]) -> Cell:
    contexts = [record.detail["threads_work"] for record in records if "threads_work" in record.detail]
    loads = Counter(
        value for record in records if "threads_work" not in record.detail for value in record.detail["facts"].values()
        if value in ("loaded", "blocked")
    )  # fmt: skip
    departs = [kind(record) for record in records if record.status == "fail"]
    says = [f"threads in {sum(contexts)} of {len(contexts)} contexts"] if contexts else []
    if loads:
        says.append(f"{loads['loaded']} of {loads.total()} loads")
    if departs:
        says.append(f"departs from the standards in {len(departs)} of {len(records)} cases")
    asked = [record for case in _THREADS for record in records if record.case == case]
    without = next((record for record in asked if not record.detail.get("threads_work")), None)
    works = bool(asked) and without is None
    causes = [name.removeprefix(_FAMILY) for name in without.detail.get("causes", ())] if without else []
    words = "threads" if works else ", ".join(causes) or ("no threads" if without else "")
    shade = "unexpected" if "unexpected" in departs else "pass" if works else "blocked"
    return Cell(records[0].target, shade, "✓" if works else "⊘", words, "; ".join(says))
