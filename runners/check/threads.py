"""Workers on one shared memory."""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from typing import Any

from runners.check.bench import Bench
from runners.check.calls import i32
from runners.check.clause import Clauses, NotApplicable, Violation, same
from runners.check.failures import expect_error, expect_trap

__all__ = ["CLAUSES"]

CLAUSES = Clauses("threads")

ARG = 1024


def _start(bench: Bench, field: str, workers: int, words: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """A script up to its `spawn`, with `words` at ARG."""
    data = base64.b64encode(struct.pack(f"<{len(words)}i", *words)).decode()
    return [
        {"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 16, "shared": True},
        bench.module("threads"),
        {"type": "write", "address": ARG, "data": {"base64": data}},
        {
            "type": "spawn",
            "workers": workers,
            "field": field,
            "arg": i32(ARG),
            "stack": {"address": 8192, "size": 1024},
            "tls": {"address": 4096, "size": 64},
        },
    ]


def _join(bench: Bench, *script: dict[str, Any], since: int = 4) -> list[dict[str, Any]]:
    """The results from `join` on (that command's number). NotApplicable where the runner has no threads."""
    seen = bench.observe(script).results
    error = seen[-1].get("error") or {}
    if len(seen) < len(script):
        _excuse(bench, error)
        raise Violation(f"{len(seen)} results for {len(script)} commands; the last: {seen[-1]}")
    return [dict(result) for result in seen[since:]]


def _excuse(bench: Bench, error: Mapping[str, Any]) -> None:
    """Raises NotApplicable where the runner has no threads, or its page may not have any."""
    if error.get("name") == "unsupported":
        raise NotApplicable(f"the runner has no threads: {error.get('message')}")
    if error.get("phase") in ("memory", "spawn") and bench.hello.facts.get("crossOriginIsolated") is False:
        raise NotApplicable(f"the page is not cross-origin isolated: {error.get('message')}")


@CLAUSES("threads")
def spawn(bench: Bench) -> None:
    """Each worker has its number, its stack, its TLS; all are instantiated before any is let go"""
    count = 4
    joined, memory = _join(
        bench,
        *_start(bench, "thread_entry", count),
        {"type": "join"},
        {"type": "read", "address": ARG, "length": 16 * count},
    )
    values = [worker.get("values") for worker in joined.get("workers", ())]
    same(values, [[i32(10 * tid + 7)] for tid in range(count)], "values of the workers, in order of their number")
    records = list(struct.iter_unpack("<4i", base64.b64decode(memory["bytes"])))
    # The module's own instance, which the script made, is one of the count + 1.
    expected = [(tid, 8192 + (tid + 1) * 1024, 4096 + tid * 64, count + 1) for tid in range(count)]
    same(records, expected, "(tid, stack pointer, TLS, instances) of each worker")


@CLAUSES("threads")
def of_its_own(bench: Bench) -> None:
    """Each worker has instances of its own, of what is registered, too, and `_initialize` of each is called"""
    count = 4
    seen = bench.observe(
        [
            {"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 16, "shared": True},
            bench.module("threads-library"),
            {"type": "register", "as": "lib"},
            bench.module("threads-own-memory", name="program"),
            bench.module("threads-library"),
            {"type": "spawn", "name": "program", "workers": count, "field": "thread_entry", "arg": i32(ARG)},
            {"type": "join"},
            {"type": "read", "address": ARG, "length": 4 * count},
        ]
    ).results
    if len(seen) < 8:
        _excuse(bench, seen[-1].get("error") or {})
        raise Violation(f"{len(seen)} results for 8 commands; the last: {seen[-1]}")
    values = [worker.get("values") for worker in seen[6].get("workers", ())]
    same(values, [[i32(11)]] * count, "what a library of the worker's own gives to its first call")
    numbers = struct.unpack(f"<{count}i", base64.b64decode(seen[7]["bytes"]))
    same(numbers, (41,) * count, "what each worker counted in a memory of its own")


@CLAUSES("threads")
def side_by_side(bench: Bench) -> None:
    """The workers run at the same time: each waits in the module until all are there"""
    for count in (2, 8):
        (joined,) = _join(bench, *_start(bench, "meet", count, (0, count)), {"type": "join"})
        same([worker.get("values") for worker in joined["workers"]], [[i32(1)]] * count, f"{count} workers that meet")


@CLAUSES("threads")
def shared(bench: Bench) -> None:
    """Workers and host share one memory; atomic additions add up"""
    _, memory = _join(
        bench, *_start(bench, "count", 4, (100,)), {"type": "join"}, {"type": "read", "address": ARG, "length": 4}
    )
    same(struct.unpack("<i", base64.b64decode(memory["bytes"])), (80100,), "100 and 4 times 20000")


@CLAUSES("threads")
def times(bench: Bench) -> None:
    """join reports each worker's seconds, and from the first one's start to the last one's end"""
    (joined,) = _join(bench, *_start(bench, "count", 2, (0,)), {"type": "join"})
    inner = [worker.get("seconds") for worker in joined["workers"]]
    outer = joined.get("seconds")
    # A clock of a browser is coarse, and each worker's may be another's: they need not agree to the last bit.
    if not all(isinstance(each, (int, float)) and each >= 0 for each in (*inner, outer)) or outer < max(inner) - 0.01:
        raise Violation(f"workers {inner}, all {outer}")


@CLAUSES("threads")
def a_worker_traps(bench: Bench) -> None:
    """A worker's trap is its own result, and the others have theirs"""
    (joined,) = _join(bench, *_start(bench, "second_traps", 3), {"type": "join"})
    first, second, third = joined["workers"]
    expect_trap(second, "unreachable")
    same([first.get("values"), third.get("values")], [[i32(0)], [i32(2)]], "values of the others")


@CLAUSES("threads")
def no_such_function(bench: Bench) -> None:
    """A field that the module does not export is an error of its workers (call) or of the spawn"""
    seen = bench.observe([*_start(bench, "absent", 2), {"type": "join"}]).results
    error = seen[-1].get("error") or {}
    if len(seen) == 4:
        _excuse(bench, error)
        if error.get("phase") not in ("spawn", "call"):
            raise Violation(f"the spawn's result: {seen[-1]}")
        return
    for worker in seen[-1].get("workers", ({},)):
        expect_error(worker, "call")


@CLAUSES("threads")
def again_and_again(bench: Bench) -> None:
    """A script may spawn again after a join; fifty scripts with eight workers each leave nothing behind"""
    start = _start(bench, "count", 8, (0,))
    script = [*start, {"type": "join"}, start[-1], {"type": "join"}, {"type": "read", "address": ARG, "length": 4}]
    for _ in range(50):
        *_, memory = _join(bench, *script)
        same(struct.unpack("<i", base64.b64decode(memory["bytes"])), (320000,), "2 times 8 times 20000")


def _view(name: str, element: str | None = None) -> dict[str, Any]:
    return {"type": "view", "name": name, **({"element": element} if element else {})}


def _atomics(function: str, index: int, *args: Any, view: str = "v", **more: Any) -> dict[str, Any]:
    return {"type": "atomics", "function": function, "view": view, "index": index, "args": list(args), **more}


def _javascript(bench: Bench, *script: dict[str, Any]) -> list[dict[str, Any]]:
    """What came of these commands on a shared memory of one page, of at most two."""
    memory = {"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 16, "shared": True}
    return bench.run(memory, *script)[1:]


@CLAUSES("js-atomics")
def views(bench: Bench) -> None:
    """A view is over all of the memory; its elements have their width and their sign"""
    script = [_view(name, f"{name}Array") for name in ("Int8", "Uint16", "Int32", "BigUint64", "Float64")]
    lengths = _javascript(bench, *script, _view("Int32"))
    same(
        [length.get("values") for length in lengths],
        [[i32(65536 // width)] for width in (1, 2, 4, 8, 8, 4)],
        "lengths in elements",
    )
    minus, unsigned = {"type": "i32", "value": str(2**32 - 1)}, {"type": "i64", "value": str(2**64 - 1)}
    *_, small, wide, large = _javascript(
        bench, *script, {"type": "write", "address": 8, "data": {"base64": base64.b64encode(b"\xff" * 8).decode()}},
        _atomics("load", 8, view="Int8"), _atomics("load", 4, view="Uint16"), _atomics("load", 1, view="BigUint64"),
    )  # fmt: skip
    same([one.get("values") for one in (small, wide, large)], [[minus], [i32(65535)], [unsigned]], "all bits set")


@CLAUSES("js-atomics")
def atomics(bench: Bench) -> None:
    """Functions of Atomics give what JavaScript gives, an error too; `repeat` makes a call so often"""
    _, added, after, none, error, last = _javascript(
        bench,
        _view("v", "Int32Array"),
        _atomics("add", 4, i32(3), repeat=100),
        _atomics("compareExchange", 4, i32(300), i32(7)),
        _atomics("notify", 4),
        _atomics("load", 16384),
        _atomics("load", 4),
    )
    seen = [result.get("values") for result in (added, after, none, last)]
    same(seen, [[i32(297)], [i32(300)], [i32(0)], [i32(7)]], "values")
    same((error.get("thrown") or {}).get("name"), "RangeError", "an index past the end")


@CLAUSES("js-atomics")
def waits(bench: Bench) -> None:
    """A wait of JavaScript's is told as the string that it gives, with its seconds"""
    _, other, late = _javascript(
        bench,
        _view("v", "Int32Array"),
        _atomics("wait", 4, i32(8), timeout=0),
        _atomics("wait", 4, i32(0), timeout=20),
    )
    if "thrown" in other:
        raise NotApplicable(f"the runner's thread may not wait: {other['thrown'].get('message')}")
    same([other.get("string"), late.get("string")], ["not-equal", "timed-out"], "what waits give")
    if not late.get("seconds", 0) >= 0.019:
        raise Violation(f"a wait of 20 ms took {late.get('seconds')} s")


@CLAUSES("js-atomics")
def notify_total(bench: Bench) -> None:
    """A notify with `total` goes on until so many were woken, and tells each time how many"""
    cell = ARG // 4
    *_, woken, _, _, joined = _join(
        bench,
        *_start(bench, "meet", 2, (0, 3)),
        _view("v", "Int32Array"),
        _atomics("notify", cell, i32(1), total=3),
        _atomics("add", cell, i32(1)),  # as if a third had come
        _atomics("notify", cell),
        {"type": "join"},
    )
    same(woken.get("values"), [i32(1)] * 3, "three times one")
    same([worker.get("values") for worker in joined["workers"]], [[i32(1)]] * 2, "the workers")


@CLAUSES("js-atomics")
def javascript_in_workers(bench: Bench) -> None:
    """JavaScript waits in two workers of one spawn, and those of another wake them; each tells what its call gave"""
    call = {"element": "Int32Array", "index": ARG // 4}
    waits = {**call, "function": "wait", "args": [i32(0)], "timeout": 5000}
    wakes = {**call, "function": "notify", "args": [i32(1)], "total": 1}
    memory = {"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 16, "shared": True}
    spawns = ({"type": "spawn", "workers": 2, "atomics": one} for one in (waits, wakes))
    *_, woke, woken = _join(bench, memory, *spawns, {"type": "join"}, {"type": "join"}, since=3)
    same([worker.get("values") for worker in woke["workers"]], [[i32(1)]] * 2, "how many each notify woke")
    same([worker.get("string") for worker in woken["workers"]], ["ok"] * 2, "what each wait gave")


@CLAUSES("js-wait-async")
def promises(bench: Bench) -> None:
    """The promise of a waitAsync is awaited by its name, and its seconds count from the call"""
    *_, asked, woken, settled, short, late = _javascript(
        bench,
        _view("v", "Int32Array"),
        _atomics("waitAsync", 4, i32(0), bind="p"),
        _atomics("notify", 4),
        {"type": "await", "name": "p"},
        _atomics("waitAsync", 4, i32(0), timeout=20, bind="q"),
        {"type": "await", "name": "q"},
    )
    strings = [result.get("string") for result in (asked, settled, short, late)]
    same(strings, ["async", "ok", "async", "timed-out"], "what waitAsync and its promises give")
    same(woken.get("values"), [i32(1)], "how many the notify woke")
    if not late.get("seconds", 0) >= 0.019:
        raise Violation(f"a promise that times out after 20 ms took {late.get('seconds')} s")
