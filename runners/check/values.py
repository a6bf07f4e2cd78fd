"""Values on their way to a function and back."""

from __future__ import annotations

import random
from typing import Any

from runners.check.bench import Bench
from runners.check.clause import Clauses, NotApplicable, Violation, same

__all__ = ["CLAUSES"]

CLAUSES = Clauses("values")

EDGES = {
    "i32": (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF),
    "i64": (0, 1, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1),
    # zeros, infinities, subnormals, and NaNs: canonical, signalling, with a payload, negative
    "f32": (0, 0x80000000, 1, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001, 0x7FA12345, 0xFFFFFFFF),
    "f64": (0, 2**63, 1, 0x7FF0000000000000, 0x7FF8000000000000, 0x7FF0000000000001, 0xFFF4123456789ABC, 2**64 - 1),
}
BITS = {"i32": 32, "i64": 64, "f32": 32, "f64": 64}


def _invoke(field: str, results: list[str], *args: dict[str, Any]) -> dict[str, Any]:
    return {"type": "action", "action": {"type": "invoke", "field": field, "args": list(args)}, "results": results}


def _round_trip(bench: Bench, kind: str) -> None:
    dice = random.Random(1)
    patterns = [*EDGES[kind], *(dice.getrandbits(BITS[kind]) for _ in range(200))]
    values = [{"type": kind, "value": str(bits)} for bits in patterns]
    _, *results = bench.run(bench.module("values"), *(_invoke(kind, [kind], value) for value in values))
    for value, result in zip(values, results, strict=True):
        same(result.get("values"), [value], f"{kind} through the identity")


@CLAUSES()
def i32(bench: Bench) -> None:
    """Every i32 survives a call, as an unsigned decimal string"""
    _round_trip(bench, "i32")


@CLAUSES()
def i64(bench: Bench) -> None:
    """Every i64 survives a call, as an unsigned decimal string"""
    _round_trip(bench, "i64")


@CLAUSES()
def f32(bench: Bench) -> None:
    """Every bit of an f32 survives a call, NaN payloads and signalling NaNs too"""
    _round_trip(bench, "f32")


@CLAUSES()
def f64(bench: Bench) -> None:
    """Every bit of an f64 survives a call, NaN payloads and signalling NaNs too"""
    _round_trip(bench, "f64")


@CLAUSES()
def bits_reach_the_module(bench: Bench) -> None:
    """The module itself sees the bits of a NaN that the script gave"""
    _, narrow, wide = bench.run(
        bench.module("values"),
        _invoke("f32_bits", ["i32"], {"type": "f32", "value": "2141266757"}),
        _invoke("f64_bits", ["i64"], {"type": "f64", "value": "18443384816306600636"}),
    )
    same(narrow.get("values"), [{"type": "i32", "value": "2141266757"}], "bits of an f32")
    same(wide.get("values"), [{"type": "i64", "value": "18443384816306600636"}], "bits of an f64")


@CLAUSES("simd")
def v128(bench: Bench) -> None:
    """A v128 survives a call; every lane type is understood, i64 is reported"""
    dice = random.Random(2)
    script: list[dict[str, Any]] = [bench.module("v128")]
    expected = []
    for lane_type, width in (("i8", 8), ("i16", 16), ("i32", 32), ("i64", 64), ("f32", 32), ("f64", 64)):
        for bits in (0, 2**128 - 1, dice.getrandbits(128), dice.getrandbits(128)):
            lanes = [str(bits >> shift & (1 << width) - 1) for shift in range(0, 128, width)]
            script.append(_invoke("v128", ["v128"], {"type": "v128", "lane_type": lane_type, "value": lanes}))
            expected.append([str(bits & 2**64 - 1), str(bits >> 64)])
    _, *results = bench.run(*script)
    for result, lanes in zip(results, expected, strict=True):
        same(result.get("values"), [{"type": "v128", "lane_type": "i64", "value": lanes}], "v128 through the identity")
    value = {"type": "v128", "lane_type": "i8", "value": [str(index) for index in range(16)]}
    _, high = bench.run(bench.module("v128"), _invoke("high", ["i64"], value))
    same(high.get("values"), [{"type": "i64", "value": str(0x0F0E0D0C0B0A0908)}], "the module's view of lanes 8 to 15")


@CLAUSES("reference-types")
def references(bench: Bench) -> None:
    """externref and funcref travel as "null" or a number; null is null in the module, and 0 is not"""
    null, zero, seven = ({"type": "externref", "value": value} for value in ("null", "0", "7"))
    script = [_invoke("externref", ["externref"], value) for value in (null, zero, seven)]
    asked = [_invoke("is_null", ["i32"], value) for value in (null, zero)]
    nobody = {"type": "funcref", "value": "null"}
    asked += [_invoke("funcref", ["funcref"], nobody), _invoke("function", ["funcref"])]
    refused = (bench.observe([bench.module("references"), script[0]]).results[-1].get("error") or {}).get("name")
    if refused == "unsupported":
        raise NotApplicable("the binding has no references")
    _, *results, function = bench.run(bench.module("references"), *script, *asked)
    one, none = ({"type": "i32", "value": value} for value in ("1", "0"))
    same([result.get("values") for result in results], [[null], [zero], [seven], [one], [none], [nobody]], "references")
    values = function.get("values") or [{}]
    if values[0].get("type") != "funcref" or not str(values[0].get("value")).isdigit():
        raise Violation(f"a function of the module is a funcref with a number, seen {function}")


@CLAUSES("multi-value")
def several_results(bench: Bench) -> None:
    """All results are reported, in order; a function without any gives an empty list"""
    narrow, wide = {"type": "i32", "value": "5"}, {"type": "i64", "value": "18446744073709551615"}
    _, swapped, nothing = bench.run(
        bench.module("several"), _invoke("swap", ["i64", "i32"], narrow, wide), _invoke("nothing", [])
    )
    same(swapped.get("values"), [wide, narrow], "two results")
    same(nothing.get("values"), [], "no results")


@CLAUSES()
def globals_(bench: Bench) -> None:
    """`get` gives an exported global's value, bit for bit"""
    fields = {"answer": ("i32", "42"), "snan": ("f32", str(0x7FA00001)), "low": ("i64", str(2**63))}
    script = [
        {"type": "action", "action": {"type": "get", "field": field}, "results": [kind]}
        for field, (kind, _) in fields.items()
    ]
    _, *results = bench.run(bench.module("values"), *script)
    for result, (kind, value) in zip(results, fields.values(), strict=True):
        same(result.get("values"), [{"type": kind, "value": value}], "a global")
