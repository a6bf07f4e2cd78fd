"""The JavaScript interpreter's workers: instantiated before any runs, each with its own, ended with the script."""

from __future__ import annotations

import psutil
import pytest

from runners.session import Session
from tests.runners.javascript_commands import call, join, memory, module, only, run, spawn, value


@pytest.mark.parametrize("workers", [1, 4, 8])
def test_all_workers_are_instantiated_before_any_runs(node: Session, workers: int) -> None:
    """Each sees all the others' instances (and the main one's) on the one memory."""
    joined = join(node, spawn(workers, "instances"))
    assert [only(each) for each in joined["workers"]] == [value("i32", workers + 1)] * workers
    assert 0 <= max(each["seconds"] for each in joined["workers"]) <= joined["seconds"] < 5


def test_each_worker_has_its_own_stack_tls_and_number(node: Session) -> None:
    """The stack grows down from the end of its slice; the argument goes to all."""
    stacks, tls = join(node, spawn(3, "stack"))["workers"], join(node, spawn(3, "tls"))["workers"]
    assert [only(each)["value"] for each in stacks] == ["1280", "1536", "1792"]
    assert [only(each)["value"] for each in tls] == ["512", "528", "544"]
    numbers = join(node, spawn(3, "arg", {"type": "i32", "value": "1"}))["workers"]
    assert [only(each) for each in numbers] == [value("i64", 1), value("i64", 0), value("i64", 2**64 - 1)]
    assert [each["values"] for each in join(node, spawn(2, "silent"))["workers"]] == [[], []]


def test_a_trap_in_one_worker_is_its_own(node: Session) -> None:
    """The others give their values."""
    first, second, third = join(node, spawn(3, "trap_in_one"))["workers"]
    assert (only(first), only(third)) == (value("i32", 0), value("i32", 2))
    assert second["trap"]["kinds"] == ["unreachable"]


def test_workers_run_beside_the_script(node: Session) -> None:
    """They wait for a word that the main thread says after they were spawned."""
    say = call("say", value("i32", 64), value("i32", 42))
    joined = join(node, spawn(2, "wait_for_word"), say)
    assert [only(each) for each in joined["workers"]] == [value("i32", 42)] * 2


def test_workers_serve_the_next_script(node: Session) -> None:
    """After ten scripts there are no threads of forty workers more: an engine's own helpers may come and go."""
    assert node.pid
    join(node, spawn(4, "instances"))
    threads = psutil.Process(node.pid).num_threads()
    for _ in range(10):
        join(node, spawn(4, "instances"))
    assert psutil.Process(node.pid).num_threads() < threads + 8


def test_workers_that_cannot_start_are_an_error(node: Session) -> None:
    """No such function: of the call; a memory that cannot be shared: the engine's own name for it."""
    *_, absent = run(node, memory(), module("threads"), spawn(2, "no such export"), {"type": "join"})
    assert absent["error"]["phase"] == "call"
    *_, refused = run(node, memory(shared=False), module("unshared"), spawn(2, "thread_entry"), {"type": "join"})
    assert refused["error"]["phase"] == "spawn"
    assert refused["error"]["name"] in ("DataCloneError", "TypeError")  # deno: "#<Memory> could not be cloned."


def test_a_worker_without_a_memory_has_wasi(node: Session) -> None:
    """Its function ends as on the script's own thread: WASI is given no memory where there is none."""
    *_, joined = run(node, module("leaves"), spawn(2, "thread_entry"), {"type": "join"})
    assert [each["exit"] for each in joined["workers"]] == [0, 1]


def test_a_trap_before_the_workers_run_is_the_spawns(node: Session) -> None:
    """The start function of a thread traps: nothing runs, and there is nothing to join."""
    *_, spawned, joined = run(node, memory(), module("traps_in_a_thread"), spawn(2, "thread_entry"), {"type": "join"})
    assert spawned["trap"]["kinds"] == ["unreachable"]
    assert joined["error"]["phase"] == "script"


def test_workers_that_hang_are_ended_with_the_script(node: Session) -> None:
    """A script that does not join them ends, and so do they; one that does is ended by the host, and the next runs."""
    assert run(node, memory(), module("threads"), spawn(2, "wait_for_word"))[-1] == {}
    hung = node.run([memory(), module("threads"), spawn(2, "wait_for_word"), {"type": "join"}], 0.5)
    assert (hung.end, list(hung.results)) == ("deadline", [])
    assert len(join(node, spawn(2, "instances"))["workers"]) == 2
