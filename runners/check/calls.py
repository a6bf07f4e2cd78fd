"""Modules, names, calls and bound values."""

from __future__ import annotations

from typing import Any

from runners.check.bench import Bench
from runners.check.clause import Clauses, Violation, same

__all__ = ["CLAUSES", "i32", "invoke"]

CLAUSES = Clauses("calls")


def i32(value: int) -> dict[str, str]:
    """An i32 as scripts write it."""
    return {"type": "i32", "value": str(value)}


def invoke(field: str, *args: Any, results: tuple[str, ...] = ("i32",), module: str | None = None, **more: Any) -> Any:
    """The command that calls a function."""
    action = {"type": "invoke", "field": field, "args": list(args), **({} if module is None else {"module": module})}
    return {"type": "action", "action": action, "results": list(results), **more}


@CLAUSES()
def seconds(bench: Bench) -> None:
    """A call reports its seconds, which the script's seconds contain"""
    seen = bench.observe([bench.module("calls"), invoke("count")])
    inner, outer = seen.results[1].get("seconds"), seen.seconds
    if not (isinstance(inner, (int, float)) and 0 <= inner <= outer):
        raise Violation(f"seconds of the call {inner!r}, of the script {outer!r}")


@CLAUSES()
def repeat(bench: Bench) -> None:
    """`repeat` makes the call n times: n times, the values of the last call"""
    _, result, after = bench.run(bench.module("calls"), invoke("count", repeat=17), invoke("count"))
    same(result.get("values"), [i32(17)], "the last of 17 calls")
    same(len(result.get("times", ())), 17, "number of times")
    same(after.get("values"), [i32(18)], "the call after")
    if not all(isinstance(time, (int, float)) and time >= 0 for time in result["times"]):
        raise Violation(f"times are seconds: {result['times']}")


@CLAUSES()
def bind(bench: Bench) -> None:
    """A bound result serves as argument and as address, with and without an offset"""
    results = bench.run(
        bench.module("calls"),
        invoke("alloc", i32(16), bind="block"),
        {"type": "write", "address": {"bound": "block", "plus": 3}, "data": {"base64": "Kg=="}},
        invoke("load", {"type": "i32", "bound": "block", "plus": 3}),
        invoke("add", {"type": "i32", "bound": "block"}, i32(1)),
        {"type": "read", "address": {"bound": "block"}, "length": 4},
    )
    same(results[3].get("values"), [i32(42)], "load at block + 3")
    same(results[4].get("values"), [i32(1025)], "block as an argument")
    same(results[5].get("bytes"), "AAAAKg==", "bytes at block")


@CLAUSES()
def register(bench: Bench) -> None:
    """A registered module's exports are imports of later modules"""
    *_, result = bench.run(
        bench.module("calls"), {"type": "register", "as": "lib"}, bench.module("importer"), invoke("twice", i32(21))
    )
    same(result.get("values"), [i32(42)], "through the import")


@CLAUSES()
def names(bench: Bench) -> None:
    """A named module is called and registered by its name when another one is current"""
    *_, count, again, other, twice = bench.run(
        bench.module("calls", name="$a"),
        bench.module("calls", name="$b"),
        {"type": "register", "as": "lib", "name": "$a"},
        bench.module("importer"),
        invoke("count", module="$a"),
        invoke("count", module="$a"),
        invoke("count", module="$b"),
        invoke("twice", i32(4)),
    )
    seen = [result.get("values") for result in (count, again, other, twice)]
    same(seen, [[i32(1)], [i32(2)], [i32(1)], [i32(8)]], "two instances of one module, each with its own state")


@CLAUSES()
def non_ascii_names(bench: Bench) -> None:
    """An export's name is any UTF-8"""
    _, result = bench.run(bench.module("calls"), invoke("größe → 🦀"))
    same(result.get("values"), [i32(7)], "its result")


@CLAUSES()
def assert_commands(bench: Bench) -> None:
    """assert_return, assert_trap and assert_exhaustion report as action does, and compare nothing"""
    script = [{**invoke("fine"), "type": kind} for kind in ("assert_return", "assert_trap", "assert_exhaustion")]
    _, *results = bench.run(bench.module("traps"), *script)
    same([result.get("values") for result in results], [[i32(1)]] * 3, "values of a call that does not trap")


@CLAUSES()
def scripts_are_apart(bench: Bench) -> None:
    """Nothing of a script is left for the next: instances, names, registrations, bound values"""
    for _ in range(2):
        _, result = bench.run(bench.module("calls", name="$m"), invoke("count", bind="n"))
        same(result.get("values"), [i32(1)], "a new instance")
    for command in (invoke("count"), invoke("count", module="$m"), {"type": "register", "as": "x", "name": "$m"}):
        (seen,) = bench.observe([command]).results
        if "error" not in seen:
            raise Violation(f"{command['type']} found something of the script before: {seen}")
    *_, last = bench.observe([bench.module("calls"), invoke("load", {"type": "i32", "bound": "n"})]).results
    if "error" not in last:
        raise Violation(f"a value bound in the script before was found: {last}")
