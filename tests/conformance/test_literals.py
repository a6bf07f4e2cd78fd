"""Values as a person writes them become exactly the bits that the text format's numbers mean."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.literals import LiteralError, literal


@given(st.floats(allow_nan=False), st.booleans())
def test_an_f64_is_its_nearest(number: float, hexadecimal: bool) -> None:
    """Python's shortest decimal and its hexadecimal form both come back bit for bit."""
    bits = int.from_bytes(struct.pack("<d", number), "little")
    text = number.hex() if hexadecimal and math.isfinite(number) else repr(number)
    assert literal(f"f64 {text}") == {"type": "f64", "value": str(bits)}


@given(st.floats(width=32, allow_nan=False))
def test_an_f32_is_rounded_once(number: float) -> None:
    """Every f32 comes back from its decimal digits."""
    bits = int.from_bytes(struct.pack("<f", number), "little")
    assert literal(repr(number), "f32")["value"] == str(bits)


def test_a_decimal_between_two_f32_is_not_rounded_by_way_of_an_f64() -> None:
    """A hair more than half way: rounded to an f64 first it would lie half way, and go to the even one below."""
    assert literal("f32 1.000000059604644775390626")["value"] == str(0x3F800001)
    assert literal("f32 1.000000059604644775390625")["value"] == str(0x3F800000)


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("i32 -1", 0xFFFFFFFF),
        ("i32 4_294_967_295", 0xFFFFFFFF),
        ("i64 -0x8000000000000000", 1 << 63),
        ("i32 010", 10),
        ("f64 0x1p-3", 0x3FC0000000000000),
        ("f64 0x1.8", 0x3FF8000000000000),
        ("f32 -0", 0x80000000),
        ("f32 inf", 0x7F800000),
        ("f32 -nan", 0xFFC00000),
        ("f32 nan:0x200000", 0x7FA00000),
        ("f64 5e-324", 1),
        ("f64 2e-324", 0),
    ],
)
def test_numbers_of_the_text_format(text: str, bits: int) -> None:
    """Signs, bases, underscores, hexadecimal floats, NaNs with a payload, the smallest number."""
    assert literal(text)["value"] == str(bits)


def test_what_is_expected_may_be_a_kind_of_nan() -> None:
    """`nan` is the canonical one of either sign there, and a certain one as an argument."""
    assert literal("f32 nan", expected=True)["value"] == "nan:canonical"
    assert literal("nan:arithmetic", "f64", expected=True)["value"] == "nan:arithmetic"
    assert literal("f32 nan:0x400000", expected=True)["value"] == str(0x7FC00000)
    assert literal("v128 f32x4 1 nan nan:arithmetic -0", expected=True) == {
        "type": "v128", "lane_type": "f32", "value": [str(0x3F800000), "nan:canonical", "nan:arithmetic", str(1 << 31)],
    }  # fmt: skip


def test_a_bound_value_has_the_type_of_its_place() -> None:
    """And an i32's without one, as addresses are."""
    assert literal("$buffer+16", "i64") == {"type": "i64", "bound": "buffer", "plus": 16}
    assert literal("$buffer")["type"] == "i32"


@pytest.mark.parametrize(
    ("text", "type_", "words"),
    [
        ("5", None, "what type? Write `i32 5`"),
        ("i32 1.5", None, "whole number"),
        ("i32 4294967296", None, "does not fit"),
        ("i32 -2147483649", None, "does not fit"),
        ("i64 1", "i32", "an i32 is wanted here"),
        ("f32 1e39", None, "too large"),
        ("f32 nan:canonical", None, "can only be expected"),
        ("f32 nan:0x800000", None, "payload"),
        ("f64 one", None, "a number such as"),
        ("v128 1 2 3 4", None, "names its lanes"),
        ("v128 i32x4 1 2 3", None, "has 4 lanes, not 3"),
        ("v128 i8x16 " + "256 " * 16, None, "does not fit"),
        ("funcref 1", None, "is `null`"),
        ("1", "anyref", "no values of type anyref"),
    ],
)
def test_what_is_no_value_says_what_is_wanted(text: str, type_: str | None, words: str) -> None:
    """In one line."""
    with pytest.raises(LiteralError) as caught:
        literal(text, type_)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bound_value_cannot_be_expected() -> None:
    """Nobody but the runner knows it."""
    with pytest.raises(LiteralError, match="cannot be expected"):
        literal("$buffer", "i32", expected=True)
