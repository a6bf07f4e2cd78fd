"""One result of a runner: what it holds, and in words that a person reads as evidence. Pure functions."""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "Result",
    "Value",
    "decoded",
    "integer",
    "shortened",
    "show_answer",
    "show_ending",
    "show_value",
    "show_values",
]

Result = Mapping[str, Any]
"""An entry of an observation's `results` (PROTOCOL.md)."""

Value = Mapping[str, Any]
"""A value as JSON has it, or what one must be (`conformance/case.py`, `values`)."""

_FLOATS = {"f32": "<f", "f64": "<d"}  # as struct calls them


def decoded(result: Result, key: str = "bytes") -> bytes:
    """The data that a result has under a key; none where it has none."""
    return base64.b64decode(result.get(key) or "")


def integer(result: Result) -> int | None:
    """The single integer that a result is, signed: an i32 or i64, or a number of pages."""
    if "pages" in result:
        return int(result["pages"])
    values = result.get("values", ())
    if len(values) != 1 or values[0].get("type") not in ("i32", "i64"):
        return None
    return _signed(int(values[0]["value"]), int(values[0]["type"][1:]))


def _signed(bits: int, width: int) -> int:
    return bits - (1 << width) if bits >> (width - 1) else bits


def show_ending(result: Result) -> str | None:
    """How a command ended, in words: trap, exception, exit of a reactor, error; None when it gave an answer."""
    if "trap" in result:
        trap = result["trap"]
        return (
            f"a trap: {' or '.join(trap.get('kinds', ())) or 'of no known kind'} ({shortened(trap.get('message', ''))})"
        )
    if "exception" in result:
        return f"an uncaught exception ({shortened(result['exception'].get('message', ''))})"
    if "error" in result:
        error = result["error"]
        name = f" {error['name']}" if error.get("name") else ""
        return f"an error in phase {error.get('phase')}:{name} ({shortened(error.get('message', ''))})"
    if "exit" in result and "stdout" not in result:
        return f"the exit code {result['exit']}"
    if "thrown" in result:
        thrown = result["thrown"]
        return f"{thrown.get('name')}, thrown by JavaScript ({shortened(thrown.get('message', ''))})"
    return None


def show_answer(result: Result) -> str:
    """What a command that did not end badly gave, in words."""
    if "string" in result:
        return f"it went on and gave {result['string']!r}"
    return f"it went on and gave {show_values(result['values'])}" if "values" in result else "it went on"


def show_value(value: Value) -> str:
    """A value as a number and as bits: `i32 -1 (0xffffffff)`, `f64 0.1 (0x3fb999999999999a)`, `f32 nan:canonical`."""
    if "any" in value:
        return " or ".join(show_value(choice) for choice in value["any"])
    type_, text = value["type"], value.get("value", "not null")
    if type_ == "v128":
        return f"v128 {value.get('lane_type')} {' '.join(map(str, text))}"
    if not str(text).isdigit() or type_ not in ("i32", "i64", "f32", "f64"):
        return f"{type_} {text}"
    bits, width = int(text), int(type_[1:])
    number = repr(_float(type_, bits)) if type_ in _FLOATS else str(_signed(bits, width))
    return f"{type_} {number} (0x{bits:0{width // 4}x})"


def show_values(values: Sequence[Value]) -> str:
    """All of them, with commas between."""
    return ", ".join(map(show_value, values)) if values else "no value"


def _float(type_: str, bits: int) -> float:
    form = _FLOATS[type_]
    return float(struct.unpack(form, bits.to_bytes(struct.calcsize(form), "little"))[0])


def shortened(text: str, limit: int = 200) -> str:
    """On one line, and no longer than that many characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[:limit] + " …"
