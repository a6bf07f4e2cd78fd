"""conformance/rules.py: where facts are not as required."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.rules import Departure, Rule, departures


@pytest.mark.parametrize(
    ("facts", "rule", "required"),
    [
        ({"a": True}, Rule(True, "S"), None),
        ({"a": False}, Rule(True, "S"), True),
        ({"a": 1}, Rule(True, "S"), True),
        ({}, Rule("used", "S"), "used"),
        ({}, Rule(None, "S"), None),
        ({"a": 100.1}, Rule(100, "S", least=True), None),
        ({"a": 99.9}, Rule(100, "S", least=True), "at least 100"),
        ({"a": True}, Rule(0, "S", least=True), "at least 0"),
        ({}, Rule(0, "S", least=True), "at least 0"),
        ({}, Rule("used", "S", optional=True), None),
        ({"a": "used"}, Rule("used", "S", optional=True), None),
        ({"a": "copied"}, Rule("used", "S", optional=True), "used"),
    ],
)
def test_a_fact_that_is_not_as_required_is_told_with_its_source(
    facts: dict[str, Any], rule: Rule, required: Any
) -> None:
    wanted = [] if required is None else [Departure("a", facts.get("a"), required, "S")]
    assert departures(facts, {"a": rule}) == wanted


def test_a_fact_without_a_rule_is_free() -> None:
    assert departures({"a": 1, "b": 2}, {"b": Rule(2, "S")}) == []
