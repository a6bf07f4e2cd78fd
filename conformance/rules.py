"""What a standard requires of the facts of a probe, fact by fact, and where a browser departs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Departure", "Rule", "Rules", "departures"]


@dataclass(frozen=True)
class Rule:
    """`value` is what the fact must be (`least`: or more); `source` is the section that says so.

    `optional`: nothing is required where there is no such fact, for browsers need not have what it tells of.
    """

    value: Any
    source: str
    least: bool = False
    optional: bool = False


Rules = Mapping[str, Rule]
"""By the name of the fact. A fact without a rule is free: the standards leave it to the browser, or are silent."""


@dataclass(frozen=True)
class Departure:
    """A fact that is not as a standard requires it; `seen` is None where the probe does not tell it."""

    fact: str
    seen: Any
    required: Any
    source: str


def departures(facts: Mapping[str, Any], rules: Rules) -> list[Departure]:
    """All of them, in the order of the rules."""
    found = []
    for name, rule in rules.items():
        if rule.optional and name not in facts:
            continue
        seen = facts.get(name)
        number = isinstance(seen, int | float) and not isinstance(seen, bool)
        kept = number and seen >= rule.value if rule.least else type(seen) is type(rule.value) and seen == rule.value
        if not kept:
            required = f"at least {rule.value}" if rule.least else rule.value
            found.append(Departure(name, seen, required, rule.source))
    return found
