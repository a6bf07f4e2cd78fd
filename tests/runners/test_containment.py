"""On every runner a loop, an endless wait, a hog, a killed runner is ONE observation; the next one runs."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import psutil
import pytest

from conformance.cases import CASES
from conformance.verdict import Verdict, judge
from conformance.wire import resolve
from modules.table import load
from runners.provision import cache_folder
from runners.session import Session
from runners.targets import runtime_of, session_of
from tests.conftest import CALLED, MEMORY_LIMIT, on_targets, ready

MODULES = load().modules
DEADLINE = 1.0
THREADED = [name for name in CALLED if name != "chromium+none"]


def module(name: str) -> dict[str, Any]:
    return {"type": "module", "sha256": MODULES[name].sha256, "path": str(MODULES[name].path)}


def call(field: str, *args: int, results: tuple[str, ...] = ()) -> dict[str, Any]:
    arguments = [{"type": "i32", "value": str(one)} for one in args]
    return {"type": "action", "action": {"type": "invoke", "field": field, "args": arguments}, "results": list(results)}


MEMORY = {"type": "memory", "as": ["env", "memory"], "minimum": 48, "maximum": 256, "shared": True}


def ask(session: Session, script: list[dict[str, Any]], deadline: float = DEADLINE) -> Verdict:
    hello = session.hello()
    profile = "isolated" if "crossOriginIsolated" in hello.facts else None
    return judge(script, session.run(script, deadline), hello, profile=profile)


def ask_to_wait(session: Session, target_name: str, script: list[dict[str, Any]]) -> None:
    """It waits until its deadline; where there are no threads, or nothing to share with them, that is said.

    Where nothing may block, as in workerd, a wait is a trap."""
    verdict = judge(script, session.run(script, DEADLINE), session.hello(), profile=ready(target_name).profile)
    if verdict.status == "unsupported":
        has = "threads" in session.hello().features  # atomics and shared memory; who spawns may still find no Worker
        spawning = ("unsupported/binding", "unsupported/threads", "unsupported/shared-array-buffer")
        assert verdict.cause in (spawning if has else ("unsupported/feature:threads",))
    elif "Atomics.wait cannot be called in this context" in str(verdict.detail):  # V8's words
        assert (verdict.status, verdict.cause) == ("fail", "engine/unexpected-trap")
    else:
        assert (verdict.status, verdict.cause) == ("timeout", "timeout/deadline")


def goes_on(session: Session) -> None:
    """The next script is answered, rightly."""
    script = [
        module("wat-hostile"),
        {**call("after", 20, results=("i32",)), "expect": {"values": [{"type": "i32", "value": "41"}]}},
    ]
    assert ask(session, script, 30).status == "pass"


@on_targets()
def test_a_runner_is_told_where_its_programs_are(target_name: str) -> None:
    """It finds nothing by itself: in a session the user's home, and the cache in it, are out of its sight."""
    target = ready(target_name)
    command = runtime_of(target).command(target)
    with Session(command, memory_limit=MEMORY_LIMIT, environment={"WASM_MATRIX_CACHE": ""}) as session:
        assert session.hello().features


@on_targets(CALLED)
def test_a_loop_is_a_timeout(session: Session) -> None:
    """Soon after its deadline."""
    session.hello()
    began = time.monotonic()
    verdict = ask(session, [module("wat-hostile"), call("loop_forever")])
    assert (verdict.status, verdict.cause) == ("timeout", "timeout/deadline")
    assert time.monotonic() - began < DEADLINE + 10
    goes_on(session)


@on_targets(CALLED)
def test_a_wait_that_nobody_ends_is_a_timeout(session: Session, target_name: str) -> None:
    """memory.atomic.wait32 in the instance that the script calls."""
    ask_to_wait(session, target_name, [MEMORY, module("wat-hostile-threads"), call("wait_forever")])
    goes_on(session)


@on_targets(THREADED)
@pytest.mark.parametrize("field", ["thread_entry", "thread_busy"])
def test_a_worker_that_never_comes_back_is_a_timeout(session: Session, target_name: str, field: str) -> None:
    """The odd ones wait, while the others come back; or all are busy."""
    spawn = {
        "type": "spawn", "workers": 2, "field": field, "arg": {"type": "i32", "value": "2097152"},
        "stack": {"address": 2101248, "size": 65536}, "tls": {"address": 2686976, "size": 4096},
    }  # fmt: skip
    ask_to_wait(session, target_name, [MEMORY, module("wat-hostile-threads"), spawn, {"type": "join"}])
    goes_on(session)


@on_targets(THREADED)
def test_a_program_whose_threads_never_end_is_a_timeout(session: Session, target_name: str) -> None:
    """One waits, one is busy, the main thread joins: nothing of it stays."""
    before = _family(session)
    program = {**module("rust-wasi-threads"), "type": "wasi", "args": ["matrix", "never"]}
    hello = session.hello()
    if "threads" not in hello.features:
        pytest.skip("this runtime has no threads")
    # Its module is compiled and its threads begun within the deadline.
    verdict = judge([program], session.run([program], 2 * DEADLINE), hello, profile=ready(target_name).profile)
    if verdict.status == "unsupported":
        pytest.skip(f"this runtime cannot be asked: {verdict.cause}")
    assert (verdict.status, verdict.cause) == ("timeout", "timeout/deadline")
    goes_on(session)
    assert len(_family(session)) <= len(before)


def _family(session: Session) -> list[psutil.Process]:
    session.hello()
    return [psutil.Process(session.pid), *psutil.Process(session.pid).children(recursive=True)]


LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""A command, with 12 GiB of address space."""


@on_targets(["wasmtime-50", "node-24", "bun-1.4", "chromium+isolated", "firefox+isolated"])
def test_more_threads_than_there_is_room_for_are_refused(target_name: str) -> None:
    """It says why and how many there were, dies of it on no account, and gives those that fit to the next script."""
    target = ready(target_name)
    # Native threads are many: there the system says no, which has no address space left for their stacks.
    limits = [sys.executable, "-c", LIMITED] if target_name.startswith("wasmtime") else []
    case = next(case for case in CASES if case.id == "threads/spawn-at-once")
    script = case.build(MODULES["wat-ends"])
    wire = resolve(script, MODULES["wat-ends"], MODULES, cache_folder("data"))
    limit = 768 if runtime_of(target).is_browser else 512  # MiB: a page itself takes as much
    with Session([*limits, *runtime_of(target).command(target)], memory_limit=limit << 20) as session:
        for _ in range(2):
            verdict = judge(script, session.run(wire, 120), session.hello(), profile=target.profile)
            assert verdict.status == "pass", verdict
            assert 8 <= verdict.detail["most_threads"] < 1024
            assert verdict.detail["refused"]
        goes_on(session)
        assert session.starts == 1


@on_targets(THREADED)
def test_a_thousand_threads_leave_nothing_behind(target_name: str) -> None:
    """Started and joined one after the other: no thread of the system's stays, and the memory does not grow.

    A browser starts processes ahead of need, and so grows at first.
    """
    warm = 3 if runtime_of(ready(target_name)).is_browser else 0
    case = next(case for case in CASES if case.id == "threads/spawn-1000")
    script = case.build(MODULES["wat-ends"])
    wire = resolve(script, MODULES["wat-ends"], MODULES, cache_folder("data"))
    with session_of(ready(target_name), MEMORY_LIMIT) as session:
        taken = []
        for _ in range(warm + 3):
            verdict = judge(script, session.run(wire, 120), session.hello(), profile=ready(target_name).profile)
            if verdict.status == "unsupported":
                pytest.skip(f"this runtime cannot be asked: {verdict.cause}")
            assert verdict.status == "pass", verdict
            family = _family(session)
            taken.append((sum(one.memory_info().rss for one in family), sum(one.num_threads() for one in family)))
    (first, threads), (_, _), (last, threads_last) = taken[warm:]
    assert last - first < 2000 * (32 << 10)  # a thread's stack, or an instance of a module, is more
    assert threads_last - threads < 20


@on_targets(CALLED)
def test_a_memory_hog_is_contained(target_name: str) -> None:
    """It is ended at the limit, or its engine refuses it the memory before."""
    with session_of(ready(target_name), MEMORY_LIMIT) as session:
        verdict = ask(session, [module("wat-hostile"), call("eat_memory", results=("i32",))], 60)
        assert (verdict.status, verdict.cause) in [("crash", "crash/memory-limit"), ("pass", None)]
        goes_on(session)


@on_targets(CALLED)
def test_endless_recursion_is_a_trap(session: Session) -> None:
    """Not the end of the runner."""
    script = [module("wat-hostile"), {**call("recurse", results=("i32",)), "expect": {"trap": "call stack exhausted"}}]
    verdict = ask(session, script, 30)
    assert verdict.status == "pass", verdict
    goes_on(session)


@on_targets(CALLED)
def test_a_runner_killed_from_outside_is_a_crash(target_name: str) -> None:
    """Of the cell that was running; with its signal."""
    with session_of(ready(target_name), MEMORY_LIMIT) as session:
        session.hello()
        timer = threading.Timer(1.0, psutil.Process(session.pid).kill)
        timer.start()
        try:
            verdict = ask(session, [module("wat-hostile"), call("loop_forever")], 30)
        finally:
            timer.join()
        assert (verdict.status, verdict.cause, verdict.detail["signal"]) == ("crash", "crash/signal", 9)
        goes_on(session)


@on_targets(CALLED)
def test_nothing_is_left_behind(target_name: str) -> None:
    """After close: no process of the runner's family, and its scratch folder is gone."""
    session = session_of(ready(target_name), MEMORY_LIMIT)
    goes_on(session)
    family = [psutil.Process(session.pid), *psutil.Process(session.pid).children(recursive=True)]
    scratch = session._scratch
    session.close()
    assert scratch is not None
    assert not scratch.exists()
    assert not [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
