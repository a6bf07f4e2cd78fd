"""A result of a runner is shown in words that a person reads."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.result import integer, show_value


def value(type_: str, bits: int | str) -> dict[str, str]:
    return {"type": type_, "value": str(bits)}


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (value("i32", 0xFFFFFFFF), "i32 -1 (0xffffffff)"),
        (value("i64", 2**63), "i64 -9223372036854775808 (0x8000000000000000)"),
        (value("f64", 0x3FB999999999999A), "f64 0.1 (0x3fb999999999999a)"),
        (value("f32", 0x80000000), "f32 -0.0 (0x80000000)"),
        (value("f32", 0x7FC00001), "f32 nan (0x7fc00001)"),
        (value("f32", "nan:canonical"), "f32 nan:canonical"),
        ({"any": [value("i32", 1), value("i32", 2)]}, "i32 1 (0x00000001) or i32 2 (0x00000002)"),
        ({"type": "v128", "lane_type": "i64", "value": ["1", "2"]}, "v128 i64 1 2"),
        ({"type": "externref", "value": "null"}, "externref null"),
    ],
)
def test_a_value_is_shown_as_number_and_bits(shown: dict[str, Any], text: str) -> None:
    assert show_value(shown) == text


def test_the_integer_that_a_result_is_has_its_sign() -> None:
    """Pages of memory are one, too; floats, and more values than one, are none."""
    assert integer({"values": [value("i64", 2**64 - 2)]}) == -2
    assert integer({"pages": 17}) == 17
    for values in ([], [value("f32", 1)], [value("i32", 1)] * 2):
        assert integer({"values": values}) is None
