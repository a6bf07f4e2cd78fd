"""numeric: numbers at their edges, across the boundary bit for bit; against the standard (`_instructions.py`)."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Callable, Iterable, Sequence

from conformance.case import Case, Module, Script
from conformance.cases._instructions import INSTRUCTIONS, of_bits
from conformance.cases._script import Ask

__all__ = ["CASES"]


def _bits32(number: float) -> int:
    return int.from_bytes(struct.pack("<f", number), "little")


def _bits64(number: float) -> int:
    return int.from_bytes(struct.pack("<d", number), "little")


# ---- operands, as bits

_I32 = (0, 1, 2, 7, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0xFFFFFFFE, 0x12345678)
_I64 = (
    *(0, 1, 3, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE),
    *(0x80000000, 0x100000000, 0x20000000000001, 0x0123456789ABCDEF),
)
_SHIFTS = (0, 1, 31, 32, 33, 63, 64, 65, 0xFFFFFFFF)

_NAN32 = (0x7FC00000, 0xFFC00000, 0x7FE12345, 0x7F800001, 0xFFBFFFFF)
"""Canonical of either sign, quiet with a payload, signalling with the least and the greatest payload."""
_NAN64 = (0x7FF8000000000000, 0xFFF8000000000000, 0x7FFC000012345678, 0x7FF0000000000001, 0xFFF7FFFFFFFFFFFF)


def _both_signs(numbers: Iterable[float], bits: Callable[[float], int]) -> tuple[int, ...]:
    return tuple(bits(sign * number) for number in numbers for sign in (1.0, -1.0))


# Halves (ties), what lies next to a half, the last numbers that have a fraction, the first that have none, the limits.
_F32 = _both_signs(
    (
        *(0.0, 0.5, 1.0, 1.5, 2.5, 0.1, 0.49999997, 0.50000006, 4194303.5, 8388607.5, 8388608.0, 16777216.0),
        *(1.401298464324817e-45, 1.1754943508222875e-38, 3.4028234663852886e38, math.inf),
    ),
    _bits32,
)
_F64 = _both_signs(
    (
        *(0.0, 0.5, 1.0, 1.5, 2.5, 0.1, 0.49999999999999994, 0.5000000000000001, 4503599627370495.5),
        *(4503599627370496.0, 9007199254740992.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.inf),
    ),
    _bits64,
)
_SOME32 = (
    *_both_signs((0.0, 1.0, 1.401298464324817e-45, 3.4028234663852886e38, math.inf), _bits32),
    0x3DCCCCCD,
    *_NAN32[:4],
)
_SOME64 = (*_both_signs((0.0, 1.0, 5e-324, 1.7976931348623157e308, math.inf), _bits64), 0x3FB999999999999A, *_NAN64[:4])


def _around(limit: float, bits: Callable[[float], int]) -> list[int]:
    """The floats at a limit, next to it on either side, and half and one past it (rounded), of either sign."""
    near = [bits(limit) + step for step in (-1, 0, 1)] if limit else [bits(0.0), bits(0.0) + 1]
    near += [bits(limit + step) for step in (-1.0, -0.5, 0.5, 1.0) if limit + step > 0]
    sign = bits(-0.0)
    return [pattern | extra for pattern in near for extra in (0, sign)]


_LIMITS = (0.0, 1.0, 2.0**31, 2.0**32, 2.0**63, 2.0**64)
_TRUNCATED = {
    "f32": sorted({*itertools.chain(*(_around(limit, _bits32) for limit in _LIMITS)), *_F32, *_NAN32}),
    "f64": sorted({*itertools.chain(*(_around(limit, _bits64) for limit in _LIMITS)), *_F64, *_NAN64}),
}

_WIDE = sorted(
    {
        (number + step) * sign & 0xFFFFFFFFFFFFFFFF
        for number in (1 << 24, 1 << 25, 1 << 31, 1 << 53, 1 << 54, 1 << 62, (1 << 63) - 1025, (1 << 63) - 513)
        for step in (-2, -1, 0, 1, 2, 3)
        for sign in (1, -1)
    }
    # Rounded to double first, these would become ties that round the wrong way to float.
    | {(1 << 54) + (1 << 30) + 1, (1 << 54) - (1 << 30) - 1, 0x7FFFFF4000000001, 0x8000008000000001, 0x8000004000000001}
    | set(_I64)
)
"""Integers around the limits up to which f32 and f64 hold them all, and around the ties past those."""

Operands = Iterable[tuple[int, ...]]


def _each(patterns: Iterable[int]) -> list[tuple[int, ...]]:
    return [(pattern,) for pattern in patterns]


def _pairs(first: Iterable[int], second: Iterable[int]) -> list[tuple[int, ...]]:
    return list(itertools.product(first, second))


_PAIRS32, _PAIRS64 = _pairs(_SOME32, _SOME32), _pairs(_SOME64, _SOME64)


def _divisible(pairs: Operands) -> list[tuple[int, ...]]:
    """Pairs whose quotient neither traps: what languages agree on."""
    return [(a, b) for a, b in pairs if b and (a, b) != (0x8000000000000000, 0xFFFFFFFFFFFFFFFF)]


def _case(name: str, title: str, asked: Sequence[tuple[str, Operands]], languages: Sequence[str] = ()) -> Case:
    """`asked`: an instruction and the lists of operands (bits) that it is asked for."""

    def build(module: Module) -> Script:
        ask = Ask(module)
        for field, lists in asked:
            instruction = INSTRUCTIONS[field]
            for operands in lists:
                values = map(of_bits, instruction.params, operands)
                ask.call(field, *values, expect=instruction.expect(*operands), results=(instruction.result,))
        return ask.commands

    return Case(f"numeric/{name}", "numeric", build, title, languages=languages)


def _text(name: str, title: str, asked: Sequence[tuple[str, Operands]]) -> Case:
    return _case(name, title, asked, ("text",))


def _prefixed(type_: str, names: str, operands: Operands) -> list[tuple[str, Operands]]:
    return [(f"{type_}_{name}", operands) for name in names.split()]


def _both(names: str, pairs32: Operands, pairs64: Operands) -> list[tuple[str, Operands]]:
    return [*_prefixed("f32", names, pairs32), *_prefixed("f64", names, pairs64)]


_ALL_LANGUAGES = [
    _case(
        "i64-arithmetic",
        "i64 across the boundary; sums and products wrap",
        _prefixed("i64", "add sub mul", _pairs(_I64, _I64)),
    ),
    _case(
        "i64-division", "signed quotients of i64, rounded toward zero", [("i64_div_s", _divisible(_pairs(_I64, _I64)))]
    ),
    _case(
        "i64-bits",
        "exclusive or, rotation by any count, leading and trailing zeros, ones",
        [
            ("i64_xor", _pairs(_I64, _I64)),
            ("i64_rotl", _pairs(_I64, _SHIFTS)),
            *_prefixed("i64", "clz ctz popcnt", _each([*_I64, *(1 << n for n in range(64))])),
        ],
    ),
    _case(
        "f64-rounding",
        "floor, ceil, trunc and nearest (ties to even) keep the sign of zero; NaN, infinities",
        _prefixed("f64", "floor ceil trunc nearest", _each((*_F64, *_NAN64))),
    ),
    _case(
        "f64-square-root",
        "square roots, of negative numbers NaN, of -0 itself",
        [("f64_sqrt", _each((*_F64, *_NAN64)))],
    ),
    _case(
        "f64-sign",
        "abs and copysign touch the sign bit alone, of NaN too",
        [("f64_abs", _each((*_F64, *_NAN64))), ("f64_copysign", _PAIRS64)],
    ),
    _case("f64-from-i64", "i64 to f64, ties to even", [("f64_from_i64", _each(_WIDE))]),
    _case(
        "f32-from-f64",
        "f64 to f32: ties to even, subnormal numbers, overflow to infinity, NaN",
        [
            (
                "f32_from_f64",
                _each(
                    (
                        *(*_F64, *_NAN64),
                        *_both_signs(
                            (1 + 2**-24, 1 + 3 * 2**-24, 1 + 2**-24 + 2**-52, 2**-149, 2**-150, 2**-150 + 2**-200),
                            _bits64,
                        ),
                        *_both_signs(
                            (3.4028234663852886e38, 3.4028235677973362e38, 3.4028235677973366e38, 1e39), _bits64
                        ),
                    )
                ),
            )
        ],
    ),
    _case(
        "f64-to-i64-saturating",
        "f64 to i64: toward zero, at the limits the limit, NaN gives 0",
        [("i64_trunc_sat_f64", _each(_TRUNCATED["f64"]))],
    ),
    _case(
        "nan-payloads",
        "every bit of a float crosses the boundary both ways, of signalling NaN too",
        [
            *((field, _each((*_F64, *_NAN64))) for field in ("f64_bits", "f64_from_bits")),
            *((field, _each((*_F32, *_NAN32))) for field in ("f32_bits", "f32_from_bits")),
        ],
    ),
]


def _truncations(integer: str, infix: str) -> list[tuple[str, Operands]]:
    return [(f"{integer}_trunc_{infix}{f}_{sign}", _each(_TRUNCATED[f])) for f in ("f32", "f64") for sign in ("s", "u")]


_TEXT_ONLY = [
    _text(
        "i32-arithmetic",
        "sums, products, quotients and remainders of i32: they wrap; by zero and on overflow divisions trap",
        _prefixed("i32", "add sub mul div_s div_u rem_s rem_u", _pairs(_I32, _I32)),
    ),
    _text(
        "i64-division-trapping",
        "quotients and remainders of i64; by zero and on overflow they trap",
        _prefixed("i64", "div_s div_u rem_s rem_u", _pairs(_I64, _I64)),
    ),
    _text(
        "bits",
        "logic, shifts and rotations by any count (taken modulo the width), bit counts",
        [
            *_prefixed("i32", "and or xor", _pairs(_I32, _I32)),
            *_prefixed("i32", "shl shr_s shr_u rotl rotr", _pairs(_I32, _SHIFTS)),
            *_prefixed("i32", "clz ctz popcnt", _each([*_I32, *(1 << n for n in range(32))])),
            *_prefixed("i64", "and or", _pairs(_I64, _I64)),
            *_prefixed("i64", "shl shr_s shr_u rotr", _pairs(_I64, _SHIFTS)),
        ],
    ),
    _text(
        "integer-comparisons",
        "comparisons of integers, signed and unsigned",
        [
            *_prefixed("i32", "eq lt_s lt_u ge_s ge_u", _pairs(_I32, _I32)),
            *_prefixed("i64", "eq lt_s lt_u ge_s ge_u", _pairs(_I64, _I64)),
            *(("i32_eqz", _each(_I32)), ("i64_eqz", _each(_I64))),
        ],
    ),
    _text(
        "widening",
        "wrapping and extending: 8, 16 and 32 bits, signed and not",
        [
            *_prefixed(
                "i32", "extend8_s extend16_s", _each((*_I32, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0xFFFFFF80))
            ),
            *_prefixed(
                "i64", "extend8_s extend16_s extend32_s", _each((*_I64, 0x7F, 0x80, 0x7FFF, 0x8000, 0x7FFFFFFF))
            ),
            ("i32_wrap_i64", _each(_I64)),
            *(("i64_extend_i32_s", _each(_I32)), ("i64_extend_i32_u", _each(_I32))),
        ],
    ),
    *(
        _text(
            f"float-to-{integer}-{name}",
            f"f32 and f64 to {integer}, signed and unsigned, at and next to each limit; past it {past}",
            _truncations(integer, infix),
        )
        for integer in ("i32", "i64")
        for name, infix, past in (("trapping", "", "a trap"), ("saturating", "sat_", "the limit, and 0 for NaN"))
    ),
    _text(
        "integer-to-float",
        "i32 and i64 to f32 and f64, rounded once, ties to even",
        [
            (
                f"{f}_convert_{i}_{sign}",
                _each(_WIDE if i == "i64" else sorted({number & 0xFFFFFFFF for number in _WIDE})),
            )
            for f in ("f32", "f64")
            for i in ("i32", "i64")
            for sign in ("s", "u")
        ],
    ),
    _text(
        "float-arithmetic",
        "sums, products and quotients: subnormal numbers, overflow, division by zero, NaN",
        _both("add sub mul div", _PAIRS32, _PAIRS64),
    ),
    _text("float-min-max", "min and max: -0 is less than 0, NaN wins", _both("min max", _PAIRS32, _PAIRS64)),
    _text("float-comparisons", "zeros are equal, nothing equals NaN", _both("eq lt le", _PAIRS32, _PAIRS64)),
    _text(
        "f32-rounding",
        "floor, ceil, trunc, nearest and square root of f32",
        _prefixed("f32", "floor ceil trunc nearest sqrt", _each((*_F32, *_NAN32))),
    ),
    _text(
        "sign-bits",
        "abs, neg and copysign of f32, neg of f64: the sign bit alone, of NaN too",
        [
            *_prefixed("f32", "abs neg", _each((*_F32, *_NAN32))),
            ("f32_copysign", _PAIRS32),
            ("f64_neg", _each((*_F64, *_NAN64))),
        ],
    ),
    _text("f64-from-f32", "f32 to f64 is exact; NaN stays NaN", [("f64_promote_f32", _each((*_F32, *_NAN32)))]),
]

CASES = [*_ALL_LANGUAGES, *_TEXT_ONLY]
