"""Values, bit for bit; numbers in a range or against another result; strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from conformance.case import Expect
from conformance.expect._mismatch import Mismatch, answered
from conformance.result import Result, Value, integer, show_answer, show_ending, show_values

__all__ = ["between", "pages", "same", "string", "values"]


_FLOATS = {"f32": (8, 23), "f64": (11, 52)}
"""Type → bits of exponent, bits of significand."""


def values(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    # What is right is not put into words first: a script makes thousands of calls.
    seen = result.get("values")
    if seen is not None and len(seen) == len(wanted) and all(map(_fits, wanted, seen)):
        return None
    return answered(result, "values", show_values(wanted)) or Mismatch(
        show_values(wanted), show_values(result["values"])
    )


def _is_nan(type_: str, bits: int, kind: str) -> bool:
    """Whether `bits` are a NaN: `canonical` has the top bit of its significand alone, `arithmetic` has it too."""
    exponent, significand = _FLOATS[type_]
    quiet = 1 << (significand - 1)
    mantissa = bits & ((1 << significand) - 1)
    if (bits >> significand) & ((1 << exponent) - 1) != (1 << exponent) - 1:
        return False
    return mantissa == quiet if kind == "canonical" else bool(mantissa & quiet)


def _fits(wanted: Value, seen: Value) -> bool:
    if "any" in wanted:
        return any(_fits(choice, seen) for choice in wanted["any"])
    if wanted["type"] == "refnull":
        return seen.get("value") == "null"
    if "value" not in wanted:  # of what type is seen from the function's, which may be a supertype
        return str(seen.get("type")).endswith("ref") and seen.get("value") != "null"
    if wanted["type"] != seen.get("type"):
        return False
    if wanted["type"] == "v128":
        return _lanes_fit(wanted, seen)
    if str(wanted["value"]).startswith("nan:"):
        return _is_nan(wanted["type"], int(seen["value"]), wanted["value"][4:])
    return bool(wanted["value"] == seen["value"])


def _lanes_fit(wanted: Value, seen: Value) -> bool:
    """Lane by lane as `wanted` divides it; a lane of floats may ask for a kind of NaN."""
    lanes = wanted["value"]
    width = 128 // len(lanes)
    whole = sum(int(half) << 64 * place for place, half in enumerate(seen["value"]))
    parts = [
        {"type": wanted["lane_type"], "value": str(whole >> width * k & (1 << width) - 1)} for k in range(len(lanes))
    ]
    return all(
        _fits({"type": wanted["lane_type"], "value": lane}, part) for lane, part in zip(lanes, parts, strict=True)
    )


def between(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    low, high = wanted
    return _compare_integer(result, str(low) if low == high else f"a number from {low} to {high}", low, high)


def same(index: int, expect: Expect, result: Result, results: Sequence[Result]) -> Mismatch | None:
    base, plus = integer(results[index]) if index < len(results) else None, expect.get("plus", 0)
    if base is None:
        return Mismatch(f"the number that command {index} gave, plus {plus}", f"command {index} gave no number")
    return _compare_integer(
        result, f"{base + plus} (the {base} of command {index}, plus {plus})", base + plus, base + plus
    )


def pages(wanted: int, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := answered(result, "pages", f"{wanted} pages"):
        return mismatch
    seen = result["pages"]
    return None if seen == wanted else Mismatch(f"{wanted} pages", f"{seen} pages")


def string(wanted: str, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := answered(result, "string", repr(wanted)):
        return mismatch
    return None if result["string"] == wanted else Mismatch(repr(wanted), repr(result["string"]))


def _compare_integer(result: Result, expected: str, low: int, high: int) -> Mismatch | None:
    number = integer(result)
    if number is not None and low <= number <= high:
        return None
    return Mismatch(
        expected, show_ending(result) or (str(number) if number is not None else show_answer(result)), _kind(result)
    )


def _kind(result: Result) -> Literal["value", "ending"]:
    return "ending" if show_ending(result) else "value"
