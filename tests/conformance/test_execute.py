"""Cells one after the other on one target: whatever one does, it is that cell alone, and the next is answered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.case import Case, Script
from conformance.config import MatrixConfig, default_matrix, load_config
from conformance.execute import Executor, record
from conformance.plan import Absence, Cell
from conformance.verdict import Verdict
from modules.table import Module, load
from runners.runtime import Target
from runners.session import Session
from runners.targets import runtime_of
from tests.conftest import on_targets, ready

TABLE = load()
CONFIG = load_config(default_matrix())
MODULE = {"type": "module", "module": "$module"}


def call(field: str, results: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "type": "action",
        "action": {"type": "invoke", "field": field, "args": []},
        "results": list(results),
        **more,
    }


def cell(
    target: Target, name: str, build: Callable[[Module], Script], module: str = "wat-hostile", **more: Any
) -> Cell:
    case = Case(f"test/{name}", "test", build, name, **more)
    return Cell(case, "text", "hostile", "text", target, TABLE.modules[module])


def good(target: Target) -> Cell:
    after = {
        "type": "action", "action": {"type": "invoke", "field": "after", "args": [{"type": "i32", "value": "20"}]},
        "results": ["i32"], "expect": {"values": [{"type": "i32", "value": "41"}]},
    }  # fmt: skip
    return cell(target, "good", lambda _: [MODULE, after])


@pytest.fixture
def executor() -> Iterator[Executor]:
    """With a memory limit that is soon reached."""
    made = Executor(CONFIG.model_copy(update={"memory_limit": 512}), TABLE)
    yield made
    made.close()


@on_targets(["wasmtime-50", "node-24", "chromium+none"])
def test_every_trouble_is_one_cell(executor: Executor, target_name: str) -> None:
    """A loop, a hog, an endless recursion, a refused call, a missing feature: each has its status; the others pass.

    What the other runners make of them tests/runners/test_containment.py asks.
    """
    target = ready(target_name)
    troubles = [
        (cell(target, "loop", lambda _: [MODULE, call("loop_forever")], deadline=1.5), {"timeout"}),
        (cell(target, "hog", lambda _: [MODULE, call("eat_memory", ("i32",))], deadline=60), {"crash", "pass"}),
        (cell(target, "recursion", lambda _: [MODULE, call("recurse", ("i32",))]), {"fail"}),
        (cell(target, "no-such-export", lambda _: [MODULE, call("nothing")]), {"fail"}),
        (cell(target, "feature", lambda _: [MODULE], features=("no-such-feature",)), {"unsupported"}),
    ]
    for trouble, statuses in troubles:
        verdict, overhead = executor.run(trouble)
        assert verdict.status in statuses, (trouble.id, verdict)
        assert overhead >= 0
        assert executor.run(good(target))[0].status == "pass", trouble.id


def test_a_cell_without_a_module_says_why(executor: Executor) -> None:
    """And starts no runtime."""
    target = Target("node-24", "node", "24")
    empty = replace(good(target), module=None, absence=Absence("unsupported/toolchain", "Go has no atomics"))
    verdict, _ = executor.run(empty)
    assert (verdict.status, verdict.cause, verdict.detail["reason"]) == (
        "unsupported",
        "unsupported/toolchain",
        "Go has no atomics",
    )
    assert executor.hello(target) is None


def test_a_runtime_that_is_not_set_up_is_missing(
    executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cell says which command sets it up."""
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path))
    verdict, _ = executor.run(good(Target("wasmtime-50", "wasmtime", "50")))
    assert (verdict.status, verdict.cause) == ("missing", "missing/runtime")
    assert verdict.detail["reason"] == "not set up: run `wasm-matrix setup wasmtime-50`"


def test_a_record_is_held_against_its_expectation() -> None:
    """The last that chooses the cell counts; what could not be asked is not expected of."""
    config = MatrixConfig.model_validate(
        {
            "targets": ["node-24"],
            "expectations": [
                {"status": "crash", "reason": "all crash"},
                {
                    "case": "test/*",
                    "status": "fail",
                    "cause": "engine/*",
                    "reason": "this fails",
                    "link": "https://example.org/1",
                },
            ],
        }
    )
    asked = good(Target("node-24", "node", "24"))
    failed = record(asked, Verdict("fail", "engine/wrong-value"), 0.0, config)
    assert (failed.expected, failed.reason, failed.link, failed.unexpected) == (
        True,
        "this fails",
        "https://example.org/1",
        False,
    )
    passed = record(asked, Verdict("pass"), 0.0, config)
    assert (passed.expected, passed.unexpected) == (False, True)
    now_and_then = config.expectations[1].model_copy(update={"intermittent": True})
    either = config.model_copy(update={"expectations": (now_and_then,)})
    assert record(asked, Verdict("fail", "engine/wrong-value"), 0.0, either).expected is True
    assert record(asked, Verdict("timeout", "timeout/deadline"), 0.0, either).unexpected
    assert record(asked, Verdict("pass"), 0.0, either).expected is None
    absent = record(asked, Verdict("missing", "missing/runtime"), 0.0, config)
    assert (absent.expected, absent.reason) == (None, None)


def test_a_runner_that_does_not_start_is_missing_and_not_tried_for_ever(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last words are kept; after three starts its cells are answered without a fourth."""
    made: list[Session] = []

    def broken(target: Target, memory_limit: int) -> Session:  # noqa: ARG001
        made.append(Session([sys.executable, "-c", "import sys; sys.exit('no such library')"]))
        return made[-1]

    target = ready("node-20")
    monkeypatch.setattr("conformance.execute.session_of", broken)
    verdicts = [executor.run(good(target))[0] for _ in range(6)]
    assert {(verdict.status, verdict.cause) for verdict in verdicts} == {("missing", "missing/start")}
    assert "ended before its hello with exit code 1" in verdicts[0].detail["reason"]
    assert "no such library" in verdicts[0].detail["stderr"]
    assert sum(session.starts for session in made) == 3


SLOW = """
import pathlib, subprocess, sys, time
kept, module = pathlib.Path(sys.argv[1]), sys.argv[2].encode()
runner = subprocess.Popen(sys.argv[3:], stdin=subprocess.PIPE)
for line in sys.stdin.buffer:
    if module in line and not kept.exists():
        time.sleep(8)
        kept.touch()
    runner.stdin.write(line)
    runner.stdin.flush()
runner.stdin.close()
sys.exit(runner.wait())
"""
"""Stands before a runner, and takes 8 seconds for a module until it has once come to their end."""


@pytest.mark.parametrize(("compiling", "status"), [(60.0, "pass"), (0.0, "timeout")])
def test_what_takes_long_to_compile_is_compiled_beside_the_deadline(
    executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiling: float, status: str
) -> None:
    """Once for each module, where the runtime says so; elsewhere the first cell's deadline holds."""
    target = ready("wasmtime-50")
    command = runtime_of(target).command(target)
    sha256 = TABLE.modules["wat-hostile"].sha256
    session = Session([sys.executable, "-c", SLOW, str(tmp_path / "kept"), sha256, *command])
    state = replace(runtime_of(target).state(target), compiling=compiling)
    monkeypatch.setattr("conformance.execute.session_of", lambda *_: session)
    monkeypatch.setattr(type(runtime_of(target)), "state", lambda *_: state)
    after = good(target)
    assert executor.run(replace(after, case=replace(after.case, deadline=4.0)))[0].status == status
