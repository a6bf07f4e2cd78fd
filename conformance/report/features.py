"""The table of features: what each target's probes found, as every report shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from runners.features import FEATURES, Feature

__all__ = ["LEGEND", "Found", "Row", "table"]

_MARKS = {
    "executed": ("✓", "pass"),
    "by flag": ("✓⚑", "pass"),
    "with flag": ("⚑", "expected"),
    "instantiated": ("✗", "unexpected"),
    "crashed": ("☠", "unexpected"),
    "validated": ("–", "unsupported"),
    "refused": ("–", "unsupported"),
}
LEGEND = (
    "✓ the probe gives the known answer; ✓⚑ by a flag that our runner sets; ⚑ it does with a flag; "
    "– the target has not the feature; ✗ it runs it wrong; ☠ it crashes"
)


class Found(NamedTuple):
    """A cell: a mark, how it is coloured (as cells of the matrix are), what it says in words.

    `flag` turns the feature on, which is off by default; None where it is on, or cannot be turned on.
    """

    mark: str
    shade: str
    says: str
    flag: str | None = None


class Row(NamedTuple):
    """A feature; for each target what was found, None where nobody asked."""

    name: str
    feature: Feature
    cells: list[Found | None]


def table(hellos: Mapping[str, Mapping[str, Any]], targets: Sequence[str]) -> list[Row]:
    """The features that were asked of some target, in the order of the standard; `hellos` as the store has them."""
    asked = {target: _probes(hellos[target]) if target in hellos else {} for target in targets}
    return [
        Row(name, feature, [_found(probes[name]) if name in probes else None for probes in asked.values()])
        for name, feature in FEATURES.items()
        if any(name in probes for probes in asked.values())
    ]


def _probes(hello: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    # A run of before probes were executed has names alone.
    return hello.get("probes") or {name: {"state": "executed", "message": ""} for name in hello["features"]}


def _found(probe: Mapping[str, Any]) -> Found:
    state, flag = probe["state"], probe.get("flag")
    works = flag is not None and probe["with_flag"]["state"] == "executed"
    key = {True: "by flag", False: "with flag"}[state == "executed"] if works else state
    says = f"{state}: {probe['message']}" if probe["message"] else state
    if works:
        says += f"; off by default, on by {flag}" if key == "by flag" else f"; executed with {flag}"
    elif flag is not None:
        says += f"; with {flag} {probe['with_flag']['state']}: {probe['with_flag']['message']}"
    return Found(*_MARKS[key], says, flag if works else None)
