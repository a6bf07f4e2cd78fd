"""Values on their way through JSON: every bit of them survives (PROTOCOL.md, "Commands of a script")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runners.engine import Value
from runners.fields import malformed

__all__ = ["LANES", "WIDTHS", "decode", "encode"]

WIDTHS = {"i32": 32, "i64": 64, "f32": 32, "f64": 64, "v128": 128}
"""Bits of each type that has bits."""

LANES = {"i8": 8, "i16": 16, "i32": 32, "i64": 64, "f32": 32, "f64": 64}
"""Bits of each lane type of a v128."""

REFERENCES = frozenset({"funcref", "externref"})

_MASK64 = (1 << 64) - 1


def _unsigned(value: Any, width: int) -> int:
    # Digits alone: int() would take " 1_0" too, and a runner in another language would not. (2**128 has 39 of them.)
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 40):
        raise malformed(f"not an unsigned decimal string: {value!r}")
    bits = int(value)
    if bits >> width:
        raise malformed(f"{value} does not fit {width} bits")
    return bits


def _lanes(data: Mapping[str, Any]) -> int:
    width, lanes = LANES.get(str(data.get("lane_type"))), data.get("value")
    if width is None or not isinstance(lanes, list) or len(lanes) * width != 128:
        raise malformed(f"not a v128: {data!r}")
    bits = 0
    for index, lane in enumerate(lanes):
        bits |= _unsigned(lane, width) << (index * width)
    return bits


def decode(data: Any) -> Value:
    """The value that `data` (`{"type", "value"}`) says. Errors: EngineError of phase `script`."""
    if not isinstance(data, dict):
        raise malformed(f"not a value: {data!r}")
    kind = data.get("type")
    if not isinstance(kind, str):
        raise malformed(f"not a type of value: {kind!r}")
    if kind == "v128":
        return Value("v128", _lanes(data))
    if kind in WIDTHS:
        return Value(kind, _unsigned(data.get("value"), WIDTHS[kind]))
    if kind in REFERENCES:
        index = data.get("value")
        return Value(kind, -1 if index == "null" else _unsigned(str(index), 32))
    raise malformed(f"not a type of value: {kind!r}")


def encode(value: Value) -> dict[str, Any]:
    """`value` as PROTOCOL.md writes it; the inverse of `decode`."""
    kind, bits = value
    if kind == "v128":
        return {"type": kind, "lane_type": "i64", "value": [str(bits & _MASK64), str(bits >> 64)]}
    if kind in REFERENCES:
        return {"type": kind, "value": "null" if bits < 0 else str(bits)}
    return {"type": kind, "value": str(bits)}
