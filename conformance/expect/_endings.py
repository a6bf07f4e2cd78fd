"""Ways to end: traps, exceptions, exits, errors and what JavaScript threw."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.case import Expect
from conformance.expect._mismatch import Mismatch
from conformance.result import Result, show_answer, show_ending

__all__ = ["error", "failure", "thrown", "trap"]


def trap(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    return failure([{"trap": kind} for kind in kinds], _expect, result, _results)


def failure(ways: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if any(_ended_as(way, result) for way in ways):
        return None
    words = [
        ("a trap" if way["trap"] is True else f"a trap: {way['trap']}")
        if "trap" in way
        else f"the exit code {way['exit']}"
        if "exit" in way
        else "an exception"
        for way in ways
    ]
    return Mismatch(" or ".join(words), show_ending(result) or show_answer(result), "ending")


def _ended_as(way: Mapping[str, Any], result: Result) -> bool:
    if "trap" in way:
        return "trap" in result and (way["trap"] is True or way["trap"] in result["trap"].get("kinds", ()))
    if "exit" in way:
        return "stdout" not in result and result.get("exit") == way["exit"]
    return "exception" in result


def error(wanted: Any, expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    phases = [wanted] if isinstance(wanted, str) else list(wanted)
    pattern = expect.get("matches")
    expected = f"an error in phase {' or '.join(phases)}" + (
        f" whose name and message match {pattern!r}" if pattern else ""
    )
    if "error" not in result:
        return Mismatch(expected, show_ending(result) or show_answer(result), "ending")
    seen = result["error"]
    text = f"{seen.get('name', '')}: {seen.get('message', '')}"
    if seen.get("phase") in phases and (pattern is None or re.search(pattern, text)):
        return None
    return Mismatch(expected, show_ending(result) or "", "ending")


def thrown(wanted: str, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if result.get("thrown", {}).get("name") == wanted:
        return None
    return Mismatch(f"{wanted}, thrown by JavaScript", show_ending(result) or show_answer(result), "ending")
