"""Values as a person writes them (`i32 -1`, `f64 0x1p-3`, `v128 i32x4 1 2 3 4`), as the protocol carries them.

Numbers are those of the text format (WebAssembly core specification, section 6.3): signed or unsigned, `0x`, `_`
between digits, hexadecimal floats, `inf`, `nan`, `nan:0x…`. A float is rounded once, to the nearest, ties to even.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

__all__ = ["TYPES", "LiteralError", "literal", "shape"]

TYPES = ("i32", "i64", "f32", "f64", "v128", "funcref", "externref")
"""What a value can be of."""

_SHAPES = {"i8x16": ("i8", 16), "i16x8": ("i16", 8), "i32x4": ("i32", 4), "i64x2": ("i64", 2), "f32x4": ("f32", 4),
           "f64x2": ("f64", 2)}  # fmt: skip
_FLOATS = {"f32": (8, 23), "f64": (11, 52)}
"""Type → bits of exponent, bits of significand."""

_INTEGER = re.compile(r"[+-]?(0x[0-9a-f]+|[0-9]+)", re.IGNORECASE)
_DECIMAL = re.compile(r"([+-]?)([0-9]+)\.?([0-9]*)(?:e([+-]?[0-9]{1,5}))?", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"([+-]?)0x([0-9a-f]+)\.?([0-9a-f]*)(?:p([+-]?[0-9]{1,5}))?", re.IGNORECASE)
_BOUND = re.compile(r"\$([A-Za-z_]\w*)(?:\+([0-9]+))?")

Value = dict[str, Any]


class LiteralError(ValueError):
    """Not a value; the message says what was wanted."""


def literal(text: str, type_: str | None = None, *, expected: bool = False) -> Value:
    """The value that `text` says; without a type in it, it is of `type_`.

    In what is `expected`, `nan` is any canonical NaN and `nan:arithmetic` any quiet one; as an argument `nan` is the
    positive canonical one. `$name` and `$name+16` are a result bound before. Errors: LiteralError.
    """
    first, _, rest = text.strip().partition(" ")
    if first in TYPES:
        if type_ is not None and first != type_:
            raise LiteralError(f"{text!r}: {_a(type_)} is wanted here")
        type_, number = first, rest.strip()
    else:
        number = text.strip()
    if bound := _BOUND.fullmatch(number):
        if expected:
            raise LiteralError(f"{text!r}: a value bound before cannot be expected")
        return {"type": type_ or "i32", "bound": bound[1], "plus": int(bound[2] or 0)}
    if type_ is None:
        raise LiteralError(f"{text!r}: what type? Write `i32 {number}`, or one of {', '.join(TYPES)}")
    if type_ == "v128":
        return _vector(text, number, expected)
    if type_ in ("funcref", "externref"):
        if number != "null" and not (type_ == "externref" and number.isdigit()):
            raise LiteralError(f"{text!r}: {_a(type_)} is `null`" + (" or a number" if type_ == "externref" else ""))
        return {"type": type_, "value": number}
    if type_ not in TYPES:
        raise LiteralError(f"{text!r}: the suite has no values of type {type_}")
    return {"type": type_, "value": _number(text, type_, number, expected)}


def shape(value: Value) -> str:
    """The type that a call's result list names for a value."""
    return str(value["any"][0]["type"] if "any" in value else value["type"])


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'ie' else 'a'} {noun}"


def _vector(text: str, lanes: str, expected: bool) -> Value:
    name, _, rest = lanes.partition(" ")
    if name not in _SHAPES:
        raise LiteralError(f"{text!r}: a v128 names its lanes: `v128 i32x4 1 2 3 4`, or one of {', '.join(_SHAPES)}")
    type_, count = _SHAPES[name]
    numbers = rest.split()
    if len(numbers) != count:
        raise LiteralError(f"{text!r}: {name} has {count} lanes, not {len(numbers)}")
    return {"type": "v128", "lane_type": type_, "value": [_number(text, type_, one, expected) for one in numbers]}


def _number(text: str, type_: str, number: str, expected: bool) -> str:
    """The bits, as an unsigned decimal string; of an expected NaN its kind."""
    digits = number.replace("_", "")
    if type_ in _FLOATS:
        return _float(text, type_, digits, expected)
    width = int(type_[1:])
    if not _INTEGER.fullmatch(digits):
        raise LiteralError(f"{text!r}: {_a(type_)} is a whole number, such as -1 or 0xff")
    value = int(digits, 0) if "x" in digits.lower() else int(digits)
    if not -(1 << (width - 1)) <= value < 1 << width:
        raise LiteralError(f"{text!r}: {value} does not fit into {_a(type_)}")
    return str(value & ((1 << width) - 1))


def _float(text: str, type_: str, number: str, expected: bool) -> str:
    exponent, significand = _FLOATS[type_]
    infinity = ((1 << exponent) - 1) << significand
    sign = 1 << (exponent + significand) if number.startswith("-") else 0
    magnitude = number.lstrip("+-").lower() if number[:1] in "+-" else number.lower()
    if magnitude == "inf":
        return str(sign | infinity)
    if magnitude in ("nan:canonical", "nan:arithmetic") or (expected and magnitude == "nan"):
        if not expected:
            raise LiteralError(f"{text!r}: {magnitude} is a kind of NaN, which can only be expected; write nan")
        return magnitude if ":" in magnitude else "nan:canonical"
    if magnitude.startswith("nan"):
        payload = 1 << (significand - 1) if magnitude == "nan" else _payload(text, magnitude, significand)
        return str(sign | infinity | payload)
    bits = _rounded(_fraction(text, type_, magnitude), exponent, significand)
    if bits >= infinity:
        raise LiteralError(f"{text!r}: too large for {_a(type_)}")
    return str(sign | bits)


def _payload(text: str, number: str, significand: int) -> int:
    found = re.fullmatch(r"nan:(0x[0-9a-f]+)", number)
    if not found or not 0 < int(found[1], 16) < 1 << significand:
        raise LiteralError(f"{text!r}: a NaN is `nan`, or `nan:0x…` with a payload of 1 to {significand} bits")
    return int(found[1], 16)


def _fraction(text: str, type_: str, number: str) -> Fraction:
    if found := _HEXADECIMAL.fullmatch(number):
        _, whole, part, power = found.groups()
        return Fraction(int(whole + part, 16)) * Fraction(2) ** (int(power or 0) - 4 * len(part))
    if found := _DECIMAL.fullmatch(number):
        _, whole, part, power = found.groups()
        return Fraction(int(whole + part)) * Fraction(10) ** (int(power or 0) - len(part))
    raise LiteralError(f"{text!r}: {_a(type_)} is a number such as 1.5, -2e3, 0x1p-3, inf or nan")


def _rounded(value: Fraction, exponent: int, significand: int) -> int:
    """The bits of the nearest float of a number from 0 on; past the largest one, those of infinity or more."""
    if not value:
        return 0
    least = 2 - (1 << (exponent - 1))
    scale = value.numerator.bit_length() - value.denominator.bit_length()
    if Fraction(2) ** scale > value:
        scale -= 1
    scale = max(scale, least)  # below, all have the same distance
    steps = round(value / Fraction(2) ** (scale - significand))  # ties to even
    return ((scale - least) << significand) + steps
