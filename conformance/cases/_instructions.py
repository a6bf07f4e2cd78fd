"""Numeric instructions on bit patterns, as the core specification defines them (section 4.3): the oracle of `numeric`.

Python's float is IEEE 754 double. f32 is computed in double and rounded once more, which is exact for + - * / and sqrt
(Figueroa, "When is double rounding innocuous?", 1995), and for conversions of integers is done by hand.
"""

from __future__ import annotations

import ctypes
import math
import operator
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from conformance.case import Expect
from conformance.cases._script import Value, gives, nan

__all__ = ["INSTRUCTIONS", "Instruction", "as_float", "of_bits", "signed"]

WIDTH = {"i32": 32, "i64": 64, "f32": 32, "f64": 64}
_SIGNIFICAND = {"f32": 23, "f64": 52}
_FORMAT = {"f32": "<f", "f64": "<d"}


class TrapError(Exception):
    """The instruction traps; the message is the standard's word for it."""


class NanError(Exception):
    """The result is one of several NaN; the message is the kind: `canonical` or `arithmetic`."""


@dataclass(frozen=True)
class Instruction:
    """`params` are the types of its operands, `result` its result's.

    `compute` takes the operands' bits and gives the result's (what does not fit wraps). Errors: TrapError, NanError.
    """

    params: tuple[str, ...]
    result: str
    compute: Callable[..., int]

    def expect(self, *operands: int) -> Expect:
        """What it must give for these bits."""
        try:
            return gives(of_bits(self.result, self.compute(*operands)))
        except TrapError as trap:
            return {"trap": str(trap)}
        except NanError as kind:
            return gives(nan(self.result, str(kind)))


def of_bits(type_: str, bits: int) -> Value:
    """The value of that type with these bits."""
    return {"type": type_, "value": str(bits & ((1 << WIDTH[type_]) - 1))}


def signed(bits: int, width: int) -> int:
    """The two's complement number of these bits."""
    bits &= (1 << width) - 1
    return bits - (1 << width) if bits >> (width - 1) else bits


def as_float(type_: str, bits: int) -> float:
    """The number with these bits; of a NaN nothing more than that it is one."""
    return float(struct.unpack(_FORMAT[type_], bits.to_bytes(WIDTH[type_] // 8, "little"))[0])


def _float_bits(type_: str, number: float) -> int:
    """The bits of the nearest float of that type, ties to even; past the largest, infinity."""
    rounded = ctypes.c_float(number).value if type_ == "f32" else number
    return int.from_bytes(struct.pack(_FORMAT[type_], rounded), "little")


# ---- integers


def _integers(width: int) -> dict[str, Callable[..., int]]:
    """Instructions on integers of one width, by name; comparisons give 0 or 1."""
    mask, top = (1 << width) - 1, 1 << (width - 1)

    def s(bits: int) -> int:
        return signed(bits, width)

    def divided(a: int, b: int) -> int:
        if b == 0:
            raise TrapError("integer divide by zero")
        quotient = abs(a) // abs(b)
        return quotient if (a < 0) == (b < 0) else -quotient

    def div_s(a: int, b: int) -> int:
        quotient = divided(s(a), s(b))
        if quotient == top:
            raise TrapError("integer overflow")
        return quotient

    def rotl(a: int, b: int) -> int:
        b %= width
        return (a << b | a >> (width - b)) & mask

    return {
        "add": operator.add,
        "sub": operator.sub,
        "mul": operator.mul,
        "div_s": div_s,
        "div_u": divided,
        "rem_s": lambda a, b: s(a) - s(b) * divided(s(a), s(b)),
        "rem_u": lambda a, b: a - b * divided(a, b),
        "and": operator.and_,
        "or": operator.or_,
        "xor": operator.xor,
        "shl": lambda a, b: a << b % width,
        "shr_s": lambda a, b: s(a) >> b % width,
        "shr_u": lambda a, b: a >> b % width,
        "rotl": rotl,
        "rotr": lambda a, b: rotl(a, -b),
        "clz": lambda a: width - a.bit_length(),
        "ctz": lambda a: (a & -a).bit_length() - 1 if a else width,
        "popcnt": int.bit_count,
        "eqz": lambda a: a == 0,
        "eq": operator.eq,
        "lt_s": lambda a, b: s(a) < s(b),
        "lt_u": operator.lt,
        "ge_s": lambda a, b: s(a) >= s(b),
        "ge_u": operator.ge,
        **{f"extend{n}_s": (lambda a, n=n: signed(a, n)) for n in (8, 16, 32) if n < width},
    }


_UNARY = {"clz", "ctz", "popcnt", "eqz", "extend8_s", "extend16_s", "extend32_s"}
_BOOLEAN = {"eqz", "eq", "lt_s", "lt_u", "ge_s", "ge_u", "lt", "le"}


# ---- floats


def _is_nan(type_: str, bits: int) -> bool:
    return math.isnan(as_float(type_, bits))


def _is_canonical(type_: str, bits: int) -> bool:
    significand = _SIGNIFICAND[type_]
    return _is_nan(type_, bits) and bits & ((1 << significand) - 1) == 1 << (significand - 1)


def _nan_of(*operands: tuple[str, int]) -> NanError:
    """The kind of NaN that an operator gives: canonical if all its NaN operands are (4.3.3, "NaN Propagation")."""
    nans = [(type_, bits) for type_, bits in operands if _is_nan(type_, bits)]
    return NanError("canonical" if all(_is_canonical(*nan) for nan in nans) else "arithmetic")


def _arithmetic(type_: str, compute: Callable[..., float], result: str | None = None) -> Callable[..., int]:
    """An operator on floats: NaN in, NaN out; NaN out of numbers (0/0, ∞-∞, √-1) is canonical."""

    def run(*operands: int) -> int:
        typed = [(type_, bits) for bits in operands]
        if any(_is_nan(*operand) for operand in typed):
            raise _nan_of(*typed)
        number = compute(*(as_float(*operand) for operand in typed))
        if math.isnan(number):
            raise NanError("canonical")
        return _float_bits(result or type_, number)

    return run


def _divide(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if a == 0 else math.copysign(math.inf, a) * math.copysign(1, b)


def _minimum(a: float, b: float) -> float:
    """The smaller; of zeros the negative one."""
    return min(a, b, key=lambda x: (x, math.copysign(1, x)))


def _maximum(a: float, b: float) -> float:
    return max(a, b, key=lambda x: (x, math.copysign(1, x)))


def _integral(to_integer: Callable[[float], int]) -> Callable[[float], float]:
    """To an integral float; infinities stay, and so does the sign of what becomes zero."""
    return lambda x: math.copysign(float(to_integer(x)), x) if math.isfinite(x) else x


_ARITHMETIC: Mapping[str, Callable[..., float]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": _divide,
    "min": _minimum,
    "max": _maximum,
    "sqrt": lambda x: math.nan if x < 0 else math.sqrt(x),
    "ceil": _integral(math.ceil),
    "floor": _integral(math.floor),
    "trunc": _integral(math.trunc),
    "nearest": _integral(round),  # Python's round, too, takes ties to even
}
_COMPARISONS = {"eq": operator.eq, "lt": operator.lt, "le": operator.le}


def _sign_operators(width: int) -> dict[str, Callable[..., int]]:
    """Operators that touch the sign bit and nothing else, of a NaN neither."""
    sign = 1 << (width - 1)
    return {"abs": lambda a: a & ~sign, "neg": lambda a: a ^ sign, "copysign": lambda a, b: a & ~sign | b & sign}


# ---- conversions


def _range(width: int, is_signed: bool) -> tuple[int, int]:
    return (-(1 << (width - 1)), (1 << (width - 1)) - 1) if is_signed else (0, (1 << width) - 1)


def _truncate(integer: str, float_: str, is_signed: bool, saturating: bool) -> Callable[[int], int]:
    low, high = _range(WIDTH[integer], is_signed)

    def run(bits: int) -> int:
        number = as_float(float_, bits)
        if math.isnan(number):
            if saturating:
                return 0
            raise TrapError("invalid conversion to integer")
        if math.isfinite(number) and low <= (whole := math.trunc(number)) <= high:
            return whole
        if saturating:
            return low if number < 0 else high
        raise TrapError("integer overflow")

    return run


def _nearest_float(type_: str, number: int) -> int:
    """The bits of the float nearest to an integer, ties to even, rounded once."""
    places = abs(number).bit_length() - (_SIGNIFICAND[type_] + 1)
    if places > 0:
        number = round(Fraction(number, 1 << places)) << places  # round of a Fraction takes ties to even
    return _float_bits(type_, float(number))


def _demote(bits: int) -> int:
    if _is_nan("f64", bits):
        raise _nan_of(("f64", bits))
    return _float_bits("f32", as_float("f64", bits))


def _promote(bits: int) -> int:
    if _is_nan("f32", bits):
        raise _nan_of(("f32", bits))
    return _float_bits("f64", as_float("f32", bits))


def _same(bits: int) -> int:
    return bits


def _table() -> dict[str, Instruction]:
    table: dict[str, Instruction] = {}
    for type_ in ("i32", "i64"):
        for name, compute in _integers(WIDTH[type_]).items():
            params = (type_,) * (1 if name in _UNARY else 2)
            table[f"{type_}_{name}"] = Instruction(params, "i32" if name in _BOOLEAN else type_, compute)
    for type_ in ("f32", "f64"):
        for name, arithmetic in _ARITHMETIC.items():
            count = 1 if name in ("sqrt", "ceil", "floor", "trunc", "nearest") else 2
            table[f"{type_}_{name}"] = Instruction((type_,) * count, type_, _arithmetic(type_, arithmetic))
        for name, compute in _sign_operators(WIDTH[type_]).items():
            table[f"{type_}_{name}"] = Instruction((type_,) * (2 if name == "copysign" else 1), type_, compute)
        for name, comparison in _COMPARISONS.items():
            table[f"{type_}_{name}"] = Instruction((type_, type_), "i32", _comparison(type_, comparison))
        for integer in ("i32", "i64"):
            for sign in ("s", "u"):
                for sat in ("", "sat_"):
                    name = f"{integer}_trunc_{sat}{type_}_{sign}"
                    table[name] = Instruction((type_,), integer, _truncate(integer, type_, sign == "s", bool(sat)))
                table[f"{type_}_convert_{integer}_{sign}"] = Instruction(
                    (integer,), type_, _convert(type_, integer, sign == "s")
                )
    table |= {
        "i32_wrap_i64": Instruction(("i64",), "i32", _same),
        "i64_extend_i32_s": Instruction(("i32",), "i64", lambda a: signed(a, 32)),
        "i64_extend_i32_u": Instruction(("i32",), "i64", _same),
        "f32_demote_f64": Instruction(("f64",), "f32", _demote),
        "f64_promote_f32": Instruction(("f32",), "f64", _promote),
        # The names that all languages share.
        "f64_bits": Instruction(("f64",), "i64", _same),
        "f64_from_bits": Instruction(("i64",), "f64", _same),
        "f32_bits": Instruction(("f32",), "i32", _same),
        "f32_from_bits": Instruction(("i32",), "f32", _same),
    }
    return table | {
        "f64_from_i64": table["f64_convert_i64_s"],
        "f32_from_f64": table["f32_demote_f64"],
        "i64_trunc_sat_f64": table["i64_trunc_sat_f64_s"],
    }


def _comparison(type_: str, compare: Callable[[float, float], bool]) -> Callable[[int, int], int]:
    return lambda a, b: int(compare(as_float(type_, a), as_float(type_, b)))


def _convert(float_: str, integer: str, is_signed: bool) -> Callable[[int], int]:
    return lambda bits: _nearest_float(float_, signed(bits, WIDTH[integer]) if is_signed else bits)


INSTRUCTIONS: Mapping[str, Instruction] = _table()
"""By the name that modules export: the instruction's, with `_` for `.`; and the names that all languages share."""
