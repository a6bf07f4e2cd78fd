"""Ways to end that are not values: traps, exceptions, errors and their phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runners.check.bench import Bench
from runners.check.calls import i32, invoke
from runners.check.clause import Clauses, Violation, same

__all__ = ["CLAUSES", "KINDS", "expect_error", "expect_trap"]

CLAUSES = Clauses("failures")

KINDS = frozenset(
    {
        "unreachable",
        "integer divide by zero",
        "integer overflow",
        "invalid conversion to integer",
        "out of bounds memory access",
        "out of bounds table access",
        "undefined element",
        "uninitialized element",
        "indirect call type mismatch",
        "call stack exhausted",
        "unaligned atomic",
        "expected shared memory",
        "null reference",
    }
)
"""The words of PROTOCOL.md."""


def expect_trap(result: Mapping[str, Any], kind: str) -> None:
    """Raises Violation unless `result` is a trap that may be `kind` (an engine that gives no clue gives no kinds)."""
    trap = result.get("trap")
    if not isinstance(trap, dict) or not isinstance(trap.get("message"), str):
        raise Violation(f"expected a trap ({kind}), seen {dict(result)}")
    kinds = trap.get("kinds")
    if not isinstance(kinds, list) or not KINDS.issuperset(kinds):
        raise Violation(f"kinds of a trap are a list of the protocol's words: {kinds}")
    if kinds and kind not in kinds:
        raise Violation(f"expected a trap that may be {kind!r}, seen {kinds}: {trap['message'][:200]}")


def expect_error(result: Mapping[str, Any], phase: str) -> None:
    """Raises Violation unless `result` is an error of that phase."""
    error = result.get("error")
    if (
        not isinstance(error, dict)
        or not isinstance(error.get("message"), str)
        or not isinstance(error.get("name"), str)
    ):
        raise Violation(f"expected an error of phase {phase} with a name and a message, seen {dict(result)}")
    same(error.get("phase"), phase, f"phase of {error['message'][:200]!r}")


def _trap(bench: Bench, module: str, *kinds: str) -> None:
    _, *results = bench.run(bench.module(module), *(invoke(kind, results=()) for kind in kinds))
    for kind, result in zip(kinds, results, strict=True):
        expect_trap(result, kind)


@CLAUSES()
def traps(bench: Bench) -> None:
    """Each trap of the core specification is a trap, of its kind or of none"""
    _trap(
        bench,
        "traps",
        "unreachable",
        "integer divide by zero",
        "integer overflow",
        "invalid conversion to integer",
        "out of bounds memory access",
        "undefined element",
        "uninitialized element",
        "indirect call type mismatch",
        "call stack exhausted",
    )


@CLAUSES("reference-types")
def table_trap(bench: Bench) -> None:
    """A table access out of bounds is a trap of its kind"""
    _trap(bench, "trap-table", "out of bounds table access")


@CLAUSES("threads")
def atomic_traps(bench: Bench) -> None:
    """An unaligned atomic access and a wait on an unshared memory are traps of their kinds"""
    _trap(bench, "trap-atomic", "unaligned atomic")
    _trap(bench, "trap-wait", "expected shared memory")


@CLAUSES("gc")
def null_trap(bench: Bench) -> None:
    """A call through a null reference is a trap of its kind"""
    _trap(bench, "trap-null", "null reference")


@CLAUSES()
def goes_on_after_a_trap(bench: Bench) -> None:
    """The script goes on after a trap, in the same instance"""
    _, trap, stack, fine = bench.run(
        bench.module("traps"),
        invoke("unreachable", results=()),
        invoke("call stack exhausted", results=()),
        invoke("fine"),
    )
    expect_trap(trap, "unreachable")
    expect_trap(stack, "call stack exhausted")
    same(fine.get("values"), [i32(1)], "the call after the traps")


@CLAUSES()
def trap_at_start(bench: Bench) -> None:
    """A trap in a module's start function is the trap of its `module` command"""
    (result,) = bench.run(bench.module("trap-at-start"))
    expect_trap(result, "unreachable")


def _exception(bench: Bench, module: str) -> None:
    _, thrown, caught, again, fine = bench.run(
        bench.module(module),
        invoke("throw", results=()),
        invoke("caught"),
        invoke("throw", results=()),
        invoke("fine"),
    )
    for result in (thrown, again):
        if not isinstance((result.get("exception") or {}).get("message"), str):
            raise Violation(f"expected an uncaught exception with its message, seen {result}")
    same([result.get("values") for result in (caught, fine)], [[i32(5)], [i32(1)]], "the calls after it")


@CLAUSES("exceptions")
def exception(bench: Bench) -> None:
    """An uncaught wasm exception is an exception, no trap, and the script goes on after it"""
    _exception(bench, "exception")


@CLAUSES("exceptions-legacy")
def legacy_exception(bench: Bench) -> None:
    """An uncaught exception of the legacy proposal is an exception, no trap, and the script goes on after it"""
    _exception(bench, "exception-legacy")


@CLAUSES()
def stops_after_an_error(bench: Bench) -> None:
    """After an error the script stops: later commands have no entry"""
    seen = bench.observe([bench.module("traps"), invoke("no such function"), invoke("fine")]).results
    same(len(seen), 2, "number of results")
    expect_error(seen[1], "call")


@CLAUSES()
def for_other_runners(bench: Bench) -> None:
    """A request and a probe are known to a runner that serves no HTTP or is no browser: errors of their own phases"""
    (probe,) = bench.observe([{"type": "probe", "probe": "absent", "with": {}}]).results
    expect_error(probe, "probe")
    (request,) = bench.observe([{**bench.module("calls", "request"), "method": "GET", "url": "/"}]).results
    error = request.get("error") or {}
    if error.get("phase") == "script" or error.get("name") == "unsupported":
        expect_error(request, "request")


@CLAUSES()
def fetch(bench: Bench) -> None:
    """A file that is not there, and one that is not what its hash says, are errors of phase fetch"""
    absent = {**bench.module("calls"), "sha256": "0" * 64, "path": str(bench.folder / "absent.wasm")}
    other = {**bench.module("calls"), "sha256": "1" * 64}
    data = {"type": "write", "address": 0, "data": {"sha256": "2" * 64, "path": bench.module("calls")["path"]}}
    for script in ([absent], [other], [bench.module("calls"), data]):
        expect_error(bench.observe(script).results[-1], "fetch")


@CLAUSES()
def compile_(bench: Bench) -> None:
    """A module that does not validate is an error of phase compile"""
    for name in ("invalid", "malformed"):
        (seen,) = bench.observe([bench.module(name)]).results
        expect_error(seen, "compile")
    (text,) = bench.observe([{"type": "module", **bench.file(b"(module)", "text.wasm")}]).results
    expect_error(text, "compile")


@CLAUSES()
def link(bench: Bench) -> None:
    """An import that is not there, and one of another type, are errors of phase link"""
    (nothing,) = bench.observe([bench.module("importer-of-nothing")]).results
    expect_error(nothing, "link")
    script = [bench.module("calls"), {"type": "register", "as": "lib"}, bench.module("importer-of-other-type")]
    expect_error(bench.observe(script).results[-1], "link")


@CLAUSES()
def call(bench: Bench) -> None:
    """No such export, an export that is no function, no global, and no module are errors of phase call"""
    for command in (
        invoke("absent"),
        invoke("memory"),
        {"type": "action", "action": {"type": "get", "field": "absent"}, "results": ["i32"]},
        invoke("add", i32(1), i32(2), module="$absent"),
    ):
        expect_error(bench.observe([bench.module("calls"), command]).results[-1], "call")
    expect_error(bench.observe([invoke("count")]).results[-1], "call")


@CLAUSES()
def modules_that_must_fail(bench: Bench) -> None:
    """For an assert_* command on a module the error or trap is the answer, and the script goes on"""
    *results, fine = bench.run(
        bench.module("invalid", "assert_invalid"),
        bench.module("malformed", "assert_malformed"),
        bench.module("importer-of-nothing", "assert_unlinkable"),
        bench.module("trap-at-start", "assert_uninstantiable"),
        bench.module("traps", "assert_invalid"),
        bench.module("traps"),
        invoke("fine"),
    )
    expect_error(results[0], "compile")
    expect_error(results[1], "compile")
    expect_error(results[2], "link")
    expect_trap(results[3], "unreachable")
    same(results[4], {}, "a module that is valid after all")
    same(fine.get("values"), [i32(1)], "the call after them")


@CLAUSES()
def malformed_scripts(bench: Bench) -> None:
    """A malformed script is an error of phase script, whatever is wrong with it, and the session goes on"""
    pid = (bench.run(bench.module("calls")), bench.session.pid)[1]
    module = bench.module("calls")
    scripts: list[Any] = [
        "not a list",
        {"type": "module"},
        [17],
        [{}],
        [{"type": "no such command"}],
        [{"type": ["module"]}],
        [{"type": "module"}],
        [{"type": "module", "sha256": 1, "path": 2}],
        [module, {"type": "action"}],
        [module, {"type": "action", "action": {"type": "dance", "field": "count"}, "results": []}],
        [module, {"type": "action", "action": {"type": "invoke"}, "results": []}],
        [module, invoke("load", 1)],
        [module, invoke("load", {"type": "i32"})],
        [module, invoke("load", {"type": "i32", "value": 1})],
        [module, invoke("load", {"type": "i32", "value": "-1"})],
        [module, invoke("load", {"type": "i32", "value": "4294967296"})],
        [module, invoke("load", {"type": "i32", "value": "0x10"})],
        [module, invoke("load", {"type": "i33", "value": "1"})],
        [module, invoke("load", {"type": "i32", "bound": "never bound"})],
        [module, invoke("load", {"type": "v128", "lane_type": "i64", "value": ["1"]})],
        [module, {"type": "read", "address": "0", "length": 1}],
        [module, {"type": "read", "address": 0}],
        [module, {"type": "write", "address": 0}],
        [module, {"type": "write", "address": 0, "data": {"base64": "%%%"}}],
        [{"type": "register"}],
        [{"type": "join"}],
    ]
    for script in scripts:
        results = bench.observe(script).results
        if not results:
            raise Violation(f"no result for the script {script!r}")
        try:
            expect_error(results[-1], "script")
        except Violation as violation:
            shown = script[-1] if isinstance(script, list) else script
            raise Violation(f"{shown!r}: {violation}") from None
    same(bench.session.pid, pid, "the runner's process")
