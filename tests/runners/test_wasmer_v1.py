"""wasmer 1.1's runner beyond the protocol: what docs/runtimes/wasmer.md says of it."""

from __future__ import annotations

import base64
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from runners.check import Bench
from runners.check.calls import i32, invoke
from tests.conftest import on_targets

TARGETS = ["wasmer-1.1+cranelift", "wasmer-1.1+singlepass"]


@pytest.fixture(scope="module", params=TARGETS)
def bench(request: pytest.FixtureRequest, command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """A bench with each of its two runners."""
    with Bench(command_of(request.param)) as bench:
        yield bench


def engine_of(bench: Bench) -> psutil.Process:
    """The process that has the engine; the session's own one watches it."""
    bench.hello  # noqa: B018 (starts it)
    (child,) = psutil.Process(bench.session.pid).children()
    return child


def test_an_exhausted_stack_is_a_short_message(bench: Bench) -> None:
    """The engine's has a line for each of its many thousand frames; a hundred of them leave nothing behind."""
    script = [bench.module("traps"), invoke("call stack exhausted", results=()), invoke("fine")]
    began = time.monotonic()
    _, trap, fine = bench.run(*script)
    assert trap["trap"]["kinds"] == ["call stack exhausted"]
    assert len(trap["trap"]["message"]) < 5_000
    assert fine["values"] == [i32(1)]
    assert time.monotonic() - began < 10
    for _ in range(5):
        bench.run(*script)
    before = engine_of(bench).memory_info().rss
    for _ in range(20):
        bench.run(*script)
    assert engine_of(bench).memory_info().rss - before < 32 << 20


def test_threads_are_refused(bench: Bench) -> None:
    """The binding holds Python's lock: its workers would run one after the other, whatever they return."""
    spawn = {"type": "spawn", "workers": 2, "field": "add", "arg": i32(0)}
    *_, refused = bench.observe([bench.module("calls"), spawn]).results
    assert (refused["error"]["phase"], refused["error"]["name"]) == ("spawn", "unsupported")


def test_what_a_program_did_not_read_is_not_there_for_the_next(bench: Bench) -> None:
    """The engine's buffer of standard input belongs to the process, and is emptied."""
    grant: dict[str, Any] = {"args": ["program"], "stdin": bench.file(b"secret" * 1000)}
    partly = [bench.module("wasi-reactor", wasi=grant), invoke("input")]
    assert bench.run(*partly)[1]["values"] == [i32(4096)]  # and 1,904 are in the buffer
    command = {**bench.module("wasi-echo", "wasi"), "args": ["program"], "stdin": {"base64": ""}}
    (seen,) = bench.run(command)
    assert base64.b64decode(seen["stdout"]) == b"program\0"


def test_two_modules_share_one_standard_input(bench: Bench) -> None:
    """A second one in a script is refused, and said to be the binding's lack."""
    module = bench.module("wasi-reactor", wasi={"stdin": {"base64": "YQ=="}})
    other = bench.module("wasi-reactor", wasi={"stdin": {"base64": "Yg=="}})
    error = bench.observe([module, other]).results[-1]["error"]
    assert (error["phase"], error["name"]) == ("wasi", "unsupported")
    assert bench.run(module, invoke("input"))[1]["values"] == [i32(1)]


def test_arguments_must_be_as_the_function_wants_them(bench: Bench) -> None:
    """The binding would drop one too many, and wrap an i64."""
    for arguments in ([i32(1)], [i32(1)] * 3, [i32(1), {"type": "i64", "value": "1"}]):
        error = bench.observe([bench.module("calls"), invoke("add", *arguments)]).results[-1]["error"]
        assert error["phase"] == "call"


def test_references_are_what_the_binding_lacks(bench: Bench) -> None:
    """No panic: it is said before the binding is asked."""
    null = {"type": "externref", "value": "null"}
    error = bench.observe([bench.module("references"), invoke("is_null", null)]).results[-1]["error"]
    assert (error["phase"], error["name"]) == ("call", "unsupported")


def test_text_is_no_module(bench: Bench) -> None:
    """The binding would compile it."""
    error = bench.observe([{"type": "module", **bench.file(b"(module)")}]).results[-1]["error"]
    assert error["phase"] == "compile"


@on_targets(TARGETS)
def test_the_lock_is_held_while_a_module_runs(target_name: str, command_of: Callable[[str], list[str]]) -> None:
    """Why a second process watches: where this fails, `holds_gil` can go."""
    compiler = target_name.partition("+")[2]
    program = f"""if True:
        import os, threading, time, wasmer, wasmer_compiler_{compiler} as compiler
        store = wasmer.Store(wasmer.engine.Universal(compiler.Compiler))
        module = wasmer.Module(store, '(module (func (export "f") (loop $l (br $l))))')
        def end():
            time.sleep(0.5)
            os._exit(0)
        threading.Thread(target=end, daemon=True).start()
        wasmer.Instance(module).exports.f()
    """
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([command_of(target_name)[0], "-I", "-c", program], timeout=5, check=False)


def test_the_engine_goes_with_its_watcher(bench: Bench) -> None:
    """And the watcher with the engine, by the same signal."""
    engine = engine_of(bench)
    psutil.Process(bench.session.pid).kill()
    assert engine.wait(5) is None  # not ours to wait for: it is gone
    assert bench.observe([]).end == "done"
    for number in (signal.SIGKILL, signal.SIGABRT):
        timer = threading.Timer(0.5, engine_of(bench).send_signal, (number,))
        timer.start()
        seen = bench.session.run([bench.module("loop"), invoke("forever", results=())], 30)
        assert (seen.end, seen.code) == ("crash", -number)
        assert seen.ending.startswith(f"signal {number.name}")
    assert bench.observe([]).end == "done"
