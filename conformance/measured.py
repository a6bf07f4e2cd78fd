"""What a passing script measured beside being right: information that stands in the cell's evidence. Pure functions."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.case import Expect
from conformance.result import Result, decoded

__all__ = ["late", "measured", "outcomes", "refusal"]


def measured(script: Sequence[Mapping[str, Any]], results: Sequence[Result], seconds: float) -> dict[str, Any]:
    """All that the script's expectations ask for and its results tell; docs/report-json.md explains each key.

    `seconds` are those of the whole script. Where two commands measure the same, the last one counts.
    """
    pairs = [(command.get("expect", {}), result) for command, result in zip(script, results, strict=False)]
    found: dict[str, Any] = {}
    for expect, result in pairs:
        told = {
            "refused": refusal(expect, result),
            "outcomes": outcomes(expect, result),
            "speed": _speed(expect, result, seconds),
            "speedup": _speedup(expect, results),
        }
        found |= {key: value for key, value in told.items() if value}
    if waits := [over for pair in pairs if (over := late(*pair)) is not None]:
        found["late"] = round(max(waits), 6)
    if any("refusal" in expect for expect, _ in pairs):
        found["most_threads"] = max((_threads(*pair) for pair in pairs), default=0)
    return found


def refusal(expect: Expect, result: Result) -> str | None:
    """How the runtime said no where it may; None where it did not, or where it has no such thing at all."""
    error = result.get("error", {})
    if not error or error.get("name") == "unsupported" or error.get("phase") != expect.get("refusal"):
        return None
    return ": ".join(word for word in (error.get("name"), error.get("message")) if word)


def _threads(expect: Expect, result: Result) -> int:
    """How many were at once: those that were joined; those that had started when no more were given."""
    if "workers" in result:
        return len(result["workers"])
    return int(result["error"].get("started", 0)) if refusal(expect, result) else 0


def late(expect: Expect, result: Result) -> float | None:
    """How much longer than it must (s) a command took that has to last; below 0 when it was too short."""
    return float(result["seconds"]) - expect["lasts"] if "lasts" in expect and "seconds" in result else None


def outcomes(expect: Expect, result: Result) -> dict[str, int] | None:
    """How often each named outcome came, those that came at all; None where `expect` asks for no outcomes."""
    wanted = expect.get("outcomes")
    if wanted is None or "bytes" not in result:
        return None
    counts = struct.iter_unpack("<I", decoded(result))
    return {name: count for name, (count,) in zip(wanted["names"], counts, strict=True) if count}


def _speed(expect: Expect, result: Result, script_seconds: float) -> dict[str, Any] | None:
    """How many a second, and of what, where `expect` asks for it and it was timed: `{"value", "unit"}`."""
    wanted = expect.get("speed")
    if wanted is None:
        return None
    seconds = script_seconds if wanted["of"] == "script" else result.get("seconds")
    return {"value": float(f"{wanted['count'] / seconds:.4g}"), "unit": wanted["unit"]} if seconds else None


def _speedup(expect: Expect, results: Sequence[Result]) -> float | None:
    """How much faster one command was than another, where `expect` asks for it and both were timed."""
    pair = expect.get("speedup")
    if pair is None or not all(
        pair[key] < len(results) and results[pair[key]].get("seconds") for key in ("of", "over")
    ):
        return None
    return round(float(results[pair["over"]]["seconds"] / results[pair["of"]]["seconds"]), 3)
