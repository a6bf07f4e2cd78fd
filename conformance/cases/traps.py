"""traps: each way to trap, and each language's own failure; and that the runtime goes on after it."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, Value, f32, f32_bits, f64, f64_bits, gives, i32, i64

__all__ = ["CASES"]

PAGE = 65536
_MIN32, _MIN64 = -(1 << 31), -(1 << 63)
_NAN32, _NAN64 = f32_bits(0x7FC00000), f64_bits(0x7FF8000000000000)

Call = tuple[str, Sequence[Value | int]]

ZERO, OVERFLOW, CONVERSION = "integer divide by zero", "integer overflow", "invalid conversion to integer"
MEMORY, TABLE = "out of bounds memory access", "out of bounds table access"


def _alive(ask: Ask) -> Script:
    """The runtime goes on: a new instance of the same module answers."""
    ask.instance()
    for x in (0, 20, -1):
        ask.call("after", x, expect={**gives(i32(2 * x + 1)), "what": "a new instance after the failure"})
    return ask.commands


def _kind(
    name: str,
    kind: str,
    title: str,
    traps: Sequence[Call],
    neighbours: Sequence[tuple[str, Sequence[Value | int], Value]],
) -> Case:
    """Calls that trap with `kind`; then their neighbours, in the same instance, that must not."""

    def build(module: Module) -> Script:
        ask = Ask(module)
        for field, args in traps:
            # A trap has no result, yet a call must say what its results would be.
            results = () if field.startswith(("store", "memory_", "unreachable", "table_set")) else _result(field)
            ask.call(field, *args, expect={"trap": kind}, results=results)
        for field, args, value in neighbours:
            ask.call(field, *args, expect=gives(value))
        return _alive(ask)

    return Case(f"traps/{name}", "traps", build, title, languages=("text",))


def _result(field: str) -> tuple[str, ...]:
    return ("i64",) if field.startswith(("i64", "load64")) else ("i32",)


_DIVISIONS = [
    (f"i{width}_{op}", i32 if width == 32 else i64) for width in (32, 64) for op in ("div_s", "div_u", "rem_s", "rem_u")
]

_KINDS = [
    _kind("unreachable", "unreachable", "the instruction `unreachable`", [("unreachable", [])], []),
    _kind(
        "divide-by-zero",
        ZERO,
        "quotient and remainder by zero, signed and unsigned, i32 and i64",
        [(field, [make(x), make(0)]) for field, make in _DIVISIONS for x in (0, 1, -1)],
        [(field, [make(7), make(7)], make(1 if "div" in field else 0)) for field, make in _DIVISIONS],
    ),
    _kind(
        "integer-overflow",
        OVERFLOW,
        "the one quotient that does not fit; its remainder is 0",
        [("i32_div_s", [_MIN32, -1]), ("i64_div_s", [i64(_MIN64), i64(-1)])],
        [
            ("i32_rem_s", [_MIN32, -1], i32(0)),
            ("i64_rem_s", [i64(_MIN64), i64(-1)], i64(0)),
            ("i32_div_u", [_MIN32, -1], i32(0)),
            ("i32_div_s", [_MIN32 + 1, -1], i32((1 << 31) - 1)),
            ("i64_div_s", [i64(_MIN64 + 1), i64(-1)], i64((1 << 63) - 1)),
        ],
    ),
    _kind(
        "conversion-of-nan",
        CONVERSION,
        "a NaN to an integer",
        [(f"{i}_trunc_{f}_s", [value]) for i in ("i32", "i64") for f, value in (("f32", _NAN32), ("f64", _NAN64))],
        [("i32_trunc_f32_s", [f32(-0.0)], i32(0)), ("i64_trunc_f64_s", [f64(-1.9)], i64(-1))],
    ),
    _kind(
        "conversion-out-of-range",
        OVERFLOW,
        "a float past the ends to an integer",
        [
            ("i32_trunc_f64_s", [f64(2147483648.0)]),
            ("i32_trunc_f64_s", [f64(-2147483649.0)]),
            ("i32_trunc_f32_s", [f32(float("inf"))]),
            ("i64_trunc_f32_s", [f32(9223372036854775808.0)]),
            ("i64_trunc_f64_s", [f64(float("-inf"))]),
            ("i64_trunc_f64_u", [f64(-1.0)]),
        ],
        [
            ("i32_trunc_f64_s", [f64(2147483647.9)], i32((1 << 31) - 1)),
            ("i32_trunc_f64_s", [f64(-2147483648.9)], i32(_MIN32)),
            ("i64_trunc_f64_u", [f64(-0.9)], i64(0)),
        ],
    ),
    _kind(
        "load-out-of-bounds",
        MEMORY,
        "a load past the end of memory, by one byte, by far, by an offset that must not wrap around",
        [
            *(
                (f"load{bits}", [address])
                for bits in (8, 32, 64)
                for address in (PAGE - bits // 8 + 1, PAGE, -1, _MIN32)
            ),
            ("load64_offset", [1]),
            ("load64_offset", [-8]),
            ("load8_offset_max", [0]),
            ("load8_offset_max", [1]),
            ("load8_offset_max", [-1]),
        ],
        [("load8", [PAGE - 1], i32(0)), ("load64", [PAGE - 8], i64(0)), ("load64_offset", [0], i64(0))],
    ),
    _kind(
        "store-out-of-bounds",
        MEMORY,
        "a store past the end of memory; not a byte of it is written",
        [
            *(("store8", [address, -1]) for address in (PAGE, -1)),
            *(("store32", [address, -1]) for address in (PAGE - 3, PAGE - 1, PAGE, -4)),
            *(("store64", (address, i64(-1))) for address in (PAGE - 7, PAGE, -8)),
            ("store64_offset", [1, i64(-1)]),
            ("store64_offset", [-8, i64(-1)]),
        ],
        [("load64", [PAGE - 8], i64(0)), ("load8", [0], i32(0))],
    ),
    _kind(
        "bulk-out-of-bounds",
        MEMORY,
        "a fill or a copy that ends past the end of memory; not a byte of it is written",
        [
            ("memory_fill", [PAGE - 4, 255, 5]),
            ("memory_fill", [0, 255, PAGE + 1]),
            ("memory_fill", [PAGE - 4, 255, -1]),
            ("memory_fill", [PAGE + 1, 255, 0]),
            ("memory_copy", [PAGE - 4, 0, 5]),
            ("memory_copy", [0, PAGE - 4, 5]),
            ("memory_copy", [0, PAGE + 1, 0]),
            ("memory_copy", [-1, -1, 2]),
        ],
        [("load64", [PAGE - 8], i64(0)), ("load8", [0], i32(0))],
    ),
    _kind(
        "undefined-element",
        "undefined element",
        "an indirect call past the end of the table",
        [("call_indirect", [index]) for index in (4, 5, 1 << 20, -1)],
        [("call_indirect", [0], i32(42)), ("call_indirect", [3], i32(43))],
    ),
    _kind(
        "table-out-of-bounds",
        TABLE,
        "an element past the end of the table, read and written",
        [(field, [index]) for field in ("table_get_is_null", "table_set_null") for index in (4, -1)],
        [("table_get_is_null", [1], i32(1)), ("table_get_is_null", [3], i32(0))],
    ),
    _kind(
        "null-call",
        "uninitialized element",
        "an indirect call of a null entry",
        [("call_indirect", [1])],
        [("call_indirect", [0], i32(42))],
    ),
    _kind(
        "wrong-type-call",
        "indirect call type mismatch",
        "an indirect call of a function of another type",
        [("call_indirect", [2])],
        [("call_indirect", [3], i32(43))],
    ),
    _kind(
        "stack-exhausted",
        "call stack exhausted",
        "recursion without end, twice; recursion with an end goes on",
        [("recurse", []), ("recurse", [])],
        [("recurse_to", [1000], i32(1000))],
    ),
]


def _panic(module: Module) -> Script:
    # All end so: Rust with panic=abort, AssemblyScript's and C's abort, and Go's panic too: a library (c-shared) must
    # not exit a process that is not its own, so it aborts (Go's runtime/runtime1.go, gotraceback).
    ask = Ask(module)
    ask.call("fail_panic", expect={"trap": "unreachable"}, results=())
    return _alive(ask)


def _recovered(module: Module) -> Script:
    ask = Ask(module)
    for x in (0, 41, -1, 41):
        ask.call("fail_recovered", x, expect=gives(i32(x + 1)))
    return _alive(ask)


def _uncaught(module: Module) -> Script:
    ask = Ask(module)
    ask.call("fail_uncaught", expect={"failure": [{"exception": True}]}, results=())
    return _alive(ask)


CASES = [
    *_KINDS,
    Case(
        "traps/panic",
        "traps",
        _panic,
        "the language's own failure, uncaught: panic, abort, throw",
        exports=("fail_panic",),
    ),
    Case(
        "traps/recovered",
        "traps",
        _recovered,
        "a failure that the module recovers from by itself",
        exports=("fail_recovered",),
    ),
    Case(
        "traps/uncaught-exception",
        "traps",
        _uncaught,
        "a C++ exception that nobody catches",
        exports=("fail_uncaught",),
    ),
]
