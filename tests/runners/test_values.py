"""Values on their way through JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.engine import EngineError, Value
from runners.values import LANES, WIDTHS, decode, encode

VALUES = st.one_of(
    *(st.builds(Value, st.just(kind), st.integers(0, 2**width - 1)) for kind, width in WIDTHS.items()),
    *(st.builds(Value, st.just(kind), st.integers(-1, 2**32 - 1)) for kind in ("funcref", "externref")),
)


@given(VALUES)
def test_every_bit_survives(value: Value) -> None:
    """A value that goes through JSON and comes back is the same value."""
    assert decode(json.loads(json.dumps(encode(value)))) == value


@given(st.integers(0, 2**128 - 1), st.sampled_from(sorted(LANES)))
def test_lanes_are_little_endian(bits: int, lane_type: str) -> None:
    """A v128 in lanes of any type is the same bits, the first lane the lowest."""
    size = LANES[lane_type] // 8
    content = bits.to_bytes(16, "little")
    lanes = [str(int.from_bytes(content[at : at + size], "little")) for at in range(0, 16, size)]
    assert decode({"type": "v128", "lane_type": lane_type, "value": lanes}) == Value("v128", bits)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"type": "i32"},
        {"type": "i32", "value": 1},
        {"type": "i32", "value": "-1"},
        {"type": "i32", "value": "+1"},
        {"type": "i32", "value": " 1"},
        {"type": "i32", "value": "1_0"},
        {"type": "i32", "value": "0x1"},
        {"type": "i32", "value": "²"},
        {"type": "i32", "value": str(2**32)},
        {"type": "i64", "value": str(2**64)},
        {"type": ["i32"], "value": "1"},
        {"type": "v128", "lane_type": "i32", "value": ["1", "2"]},
        {"type": "v128", "lane_type": "i65", "value": ["1"]},
        {"type": "v128", "lane_type": "i64", "value": "12"},
        {"type": "externref", "value": "nil"},
        {"type": "i32", "value": "9" * 5000},
    ],
)
def test_anything_else_is_malformed(data: Any) -> None:
    """What is no value is an error of phase `script`, and no other exception."""
    with pytest.raises(EngineError) as raised:
        decode(data)
    assert raised.value.phase == "script"
