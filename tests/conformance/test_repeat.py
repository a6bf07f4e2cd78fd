"""Deterministic or not: what the repeats of a cell come to, of lists of verdicts, a runner of ours and wasmer."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from conformance.case import Case
from conformance.config import ConfigError, MatrixConfig, default_matrix, load_config
from conformance.execute import Executor, record
from conformance.plan import Absence, Cell
from conformance.repeat import confidence, repeated
from conformance.report.summary import again, ending, repeats
from conformance.settings import Matrix, Settings
from conformance.verdict import Verdict
from modules.table import load
from runners.runtime import Own, Target
from runners.stress import lacking
from tests.conformance.test_run import wasm_matrix
from tests.conftest import ready

RUNNER = Path(__file__).with_name("every_third.py")
EXAMPLES = Path(__file__).parents[2] / "examples"
TABLE = load()
PASS = Verdict("pass", detail={"speedup": 1.5}, seconds=1.0, call_seconds=0.5)
WRONG = Verdict("fail", "engine/wrong-value", {"seen": "i32 6"}, seconds=2.0)
DEAD = Verdict("crash", "crash/exit", {"exit": 3}, seconds=4.0)
MISSING = Verdict("missing", "missing/start", {"reason": "it does not start"})


# ---- the verdict


def test_repeats_that_end_alike_have_that_verdict() -> None:
    """With their number; a pass says how often it may still fail, a failure that it is no matter of timing."""
    passed, failed = repeated([PASS] * 30, 30), repeated([WRONG] * 30, 30)
    assert (passed.status, passed.cause, passed.detail["failed"]) == ("pass", None, 0)
    assert passed.detail["rate"] == pytest.approx([0, 0.1135], abs=1e-4)
    assert passed.detail["speedup"] == 1.5
    assert (failed.status, failed.cause, failed.detail["failed"]) == ("fail", "engine/wrong-value", 30)
    assert failed.detail["rate"] == pytest.approx([0.8865, 1], abs=1e-4)
    assert failed.failures == ()


def test_a_cell_that_was_asked_once_says_nothing_of_repeats() -> None:
    assert repeated([WRONG], 1) is WRONG


def test_repeats_that_differ_are_flaky() -> None:
    """How many, the interval, each way it ended, and the first failure's evidence whole."""
    verdict = repeated([PASS, PASS, WRONG, PASS, WRONG, DEAD], 6)
    assert (verdict.status, verdict.cause) == ("flaky", "engine/wrong-value")
    assert verdict.failures == (("fail", "engine/wrong-value"), ("crash", "crash/exit"))
    low, high = verdict.detail["rate"]
    assert 0 < low < 0.5 < high < 1
    assert {key: value for key, value in verdict.detail.items() if key != "rate"} == {
        "repeats": 6, "failed": 3, "first": 3, "seen": "i32 6",
        "ended": {"pass": 3, "fail engine/wrong-value": 2, "crash crash/exit": 1},
    }  # fmt: skip
    assert verdict.seconds == 1.5  # the median


def test_the_cause_is_the_most_frequent_failure_and_the_evidence_its_own() -> None:
    verdict = repeated([WRONG, DEAD, DEAD], 3)
    assert (verdict.status, verdict.cause, verdict.detail["exit"]) == ("flaky", "crash/exit", 3)
    assert (verdict.detail["failed"], verdict.detail["first"]) == (3, 2)
    other = Verdict("fail", "engine/no-trap")
    assert repeated([WRONG, other], 2).status == "flaky"  # one status, two causes


def test_what_could_not_be_asked_is_no_failure() -> None:
    """A feature that is lacking, a runtime that is not there; nor is one that does not start again behind a crash."""
    lacking = Verdict("unsupported", "unsupported/feature:simd")
    assert repeated([lacking], 30) is lacking
    assert repeated([MISSING], 30) is MISSING
    gone = repeated([PASS, DEAD, MISSING], 30)
    assert (gone.status, gone.detail["repeats"], gone.detail["failed"]) == ("flaky", 2, 1)


def test_a_first_failure_that_ended_the_repeats_says_so() -> None:
    verdict = repeated([PASS, PASS, WRONG], 1000)
    assert (verdict.status, verdict.detail["repeats"], verdict.detail["asked"]) == ("flaky", 3, 1000)
    at_once = repeated([WRONG], 1000)
    assert (at_once.status, at_once.detail["repeats"], at_once.detail["rate"][1]) == ("fail", 1, 1.0)


@pytest.mark.parametrize(
    ("failed", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(failed: int, of: int, low: float, high: float) -> None:
    """The four of R. G. Newcombe, "Two-sided confidence intervals for the single proportion" (1998), method 3."""
    assert confidence(failed, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("repeats", [2, 3, 100])
def test_the_interval_of_a_first_failure_is_exact(repeats: int) -> None:
    """At its ends a failure this early, or this late, has a chance of 2.5 %."""
    low, high = confidence(1, repeats, stopped=True)
    assert 1 - (1 - low) ** repeats == pytest.approx(0.025)
    assert (1 - high) ** (repeats - 1) == pytest.approx(0.025)


# ---- expectations


def _cell(target: Target, times: int = 1) -> Cell:
    call = {"type": "action", "action": {"type": "invoke", "field": "add", "args": []}, "results": ["i32"],
            "expect": {"values": [{"type": "i32", "value": "5"}]}}  # fmt: skip
    return Cell(Case("test/adds", "", lambda _: [call], "adds", repeats=times), "", "", "", target, None)


@pytest.mark.parametrize("intermittent", [True, False])
def test_flaky_is_expected_where_the_failure_is_and_is_known_to_be_intermittent(intermittent: bool) -> None:
    """And only when no other failure is among them; a deterministic one stays as expected."""
    known = {"status": "fail", "cause": "engine/wrong-value", "intermittent": intermittent, "reason": "timing"}
    config = MatrixConfig.model_validate({"targets": ["node-24"], "expectations": [known]})
    cell = _cell(Target("node-24", "node", "24"))

    def unexpected(*verdicts: Verdict) -> bool:
        return record(cell, repeated(verdicts, len(verdicts)), 0.0, config).unexpected

    assert unexpected(PASS, WRONG) is not intermittent
    assert unexpected(PASS, PASS) is not intermittent
    assert unexpected(PASS, WRONG, DEAD)
    assert unexpected(PASS, DEAD)
    assert not unexpected(WRONG, WRONG)


def test_flaky_without_an_expectation_is_unexpected() -> None:
    config = MatrixConfig.model_validate({"targets": ["node-24"]})
    assert record(_cell(Target("node-24", "node", "24")), repeated([PASS, WRONG], 2), 0.0, config).unexpected


def test_an_expectation_cannot_name_flaky(tmp_path: Path) -> None:
    """The error says how to write it."""
    path = tmp_path / "matrix.yaml"
    path.write_text("targets: [node-24]\nexpectations:\n  - {status: flaky, reason: x}\n")
    with pytest.raises(ConfigError, match=r":3: .*the status with which it fails, and `intermittent: true`"):
        load_config(path)


# ---- a runner that is wrong every third time


def _third(folder: Path, how: str) -> Target:
    command = (sys.executable, str(RUNNER), str(folder / "counter"), how)
    return Target("third", "third", own=Own(command, folder))


@pytest.mark.parametrize(
    ("how", "status", "cause", "failed"),
    [("wrong", "flaky", "engine/wrong-value", 4), ("ends", "flaky", "crash/exit", 4),
     ("both", "flaky", "engine/wrong-value", 4), ("always", "fail", "engine/wrong-value", 12),
     ("never", "pass", None, 0)],
)  # fmt: skip
def test_a_runner_that_fails_every_third_time(
    tmp_path: Path, how: str, status: str, cause: str | None, failed: int
) -> None:
    """Each repeat is a script of its own, and one that dies is started again for the next."""
    executor = Executor(MatrixConfig.model_validate({"targets": ["node-24"]}), TABLE, repeat=12)
    verdict, _ = executor.run(_cell(_third(tmp_path, how)))
    executor.close()
    assert (verdict.status, verdict.cause) == (status, cause)
    assert (verdict.detail["repeats"], verdict.detail["failed"]) == (12, failed)
    assert (tmp_path / "counter").read_text() == "12"
    if how == "both":
        assert verdict.detail["ended"] == {"pass": 8, "fail engine/wrong-value": 2, "crash crash/exit": 2}


def test_until_the_first_failure(tmp_path: Path) -> None:
    """And no further; without one to the end."""
    config = MatrixConfig.model_validate({"targets": ["node-24"]})
    for how, asked, status in (("wrong", 3, "flaky"), ("never", 20, "pass")):
        (tmp_path / "counter").write_text("0")
        executor = Executor(config, TABLE, repeat=20, until_fail=True)
        assert executor.run(_cell(_third(tmp_path, how)))[0].status == status
        executor.close()
        assert (tmp_path / "counter").read_text() == str(asked)


def test_a_case_may_say_how_often(tmp_path: Path) -> None:
    """The run's own word goes before it; a cell without a module is not asked again and again."""
    config = MatrixConfig.model_validate({"targets": ["node-24"]})
    for repeat, asked in ((None, 3), (5, 8), (1, 9)):
        executor = Executor(config, TABLE, repeat=repeat)
        executor.run(_cell(_third(tmp_path, "never"), times=3))
        executor.close()
        assert (tmp_path / "counter").read_text() == str(asked)
    absent = Cell(_cell(_third(tmp_path, "never"), 3).case, "go", "", "go", Target("node-24", "node", "24"), None,
                  Absence("unsupported/toolchain", "no atomics"))  # fmt: skip
    assert Executor(config, TABLE).run(absent)[0].detail == {"reason": "no atomics"}


def test_what_depends_on_timing_is_repeated_by_default() -> None:
    """Litmus tests, wakes, growth by several at once; no plain twins, of which nothing is demanded."""
    cells = Matrix(default_matrix()).cells(Settings())
    often = {cell.case.id for cell in cells if cell.case.repeats > 1}
    assert {"threads/litmus-store-buffering", "threads/wake-32-all"} <= often
    timed = ("litmus-", "wake-", "grow-together-", "javascript-wakes-", "wasm-wakes-")
    assert [name for name in often if not name.removeprefix("threads/").startswith(timed)] == []
    assert "threads/litmus-store-buffering-plain" not in often


# ---- the command line


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A matrix.yaml with that runner, a case of one call, and a place for expectations."""
    (tmp_path / "adder.wasm").write_bytes((EXAMPLES / "modules" / "adder.wasm").read_bytes())
    command = shlex.join([sys.executable, str(RUNNER), "counter", "wrong"])
    (tmp_path / "matrix.yaml").write_text(
        f"targets: [{{name: third, command: '{command}'}}]\n"
        "modules: {adder: {path: adder.wasm, features: []}}\n"
        "cases: [{id: adder/adds, module: adder, repeats: 2, script: [{invoke: add, args: [2, 3], returns: 5}]}]\n"
    )
    return tmp_path


def test_a_flaky_cell_is_told_in_every_report(mine: Path) -> None:
    """Exit code 1, `flaky 3/9`, the interval; known to be intermittent: exit code 0."""
    done = wasm_matrix(mine, "run", "--repeat", 9)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FLAKY 3/9 adder/adds[adder]@third" in done.stdout
    assert (
        "3 of 9 failed; with 95 % confidence 12.1 to 64.6 % of all do; 6 pass, 3 fail engine/wrong-value" in done.stdout
    )
    assert "--repeat 9" in done.stdout
    for form in ("junit", "markdown", "text"):
        assert "flaky 3/9" in wasm_matrix(mine, "report", "--format", form).stdout.lower()
    (cell,) = json.loads(wasm_matrix(mine, "report", "--format", "json").stdout)["cells"]
    assert (cell["status"], cell["unexpected"], cell["detail"]["failed"]) == ("flaky", True, 3)
    with (mine / "matrix.yaml").open("a") as config:
        config.write("expectations: [{case: adder/*, status: fail, intermittent: true, reason: known}]\n")
    known = wasm_matrix(mine, "run", "--repeat", 9)
    assert known.returncode == 0, known.stdout
    assert "1 flaky as expected: known" in known.stdout


def test_until_fail_on_the_command_line(mine: Path) -> None:
    """At most 1000 times without a number; the command to run it again says the same."""
    done = wasm_matrix(mine, "run", "--until-fail", "-n", 2)
    assert done.returncode == 1
    assert "FLAKY 1/3 adder/adds[adder]@third" in done.stdout
    assert "1000 were wanted" in done.stdout
    assert "--repeat 1000 --until-fail" in done.stdout


def test_stress_is_told_and_part_of_the_command(mine: Path) -> None:
    """All kinds at once; nothing of it outlives the run."""
    kinds = ("--stress", "one-core", "--stress", "busy", "--stress", "yields")
    done = wasm_matrix(mine, "run", "--repeat", 3, *kinds)
    assert "FLAKY 1/3" in done.stdout, done.stderr
    assert "stress: one-core busy yields" in done.stdout
    assert " ".join(("--repeat 3", *kinds)) in done.stdout


@pytest.mark.skipif(lacking() is not None or len(os.sched_getaffinity(0)) < 2, reason="one core alone")
def test_a_runner_under_stress_stays_on_its_core(tmp_path: Path) -> None:
    """One that is started again behind a crash, too; this process is free."""
    executor = Executor(
        MatrixConfig.model_validate({"targets": ["node-24"]}), TABLE, repeat=3, stress=("one-core", "yields")
    )
    verdict, _ = executor.run(_cell(_third(tmp_path, "ends")))
    assert verdict.detail["stress"] == "one-core yields"
    assert executor.hello(_third(tmp_path, "ends")) is not None  # the third call has ended it
    assert executor._session is not None
    assert executor._session.pid is not None
    assert len(os.sched_getaffinity(executor._session.pid)) == 1
    assert len(os.sched_getaffinity(0)) > 1
    executor.close()


def test_without_a_word_the_case_decides(mine: Path) -> None:
    done = wasm_matrix(mine, "run", "-n", 0)
    assert done.returncode == 0, done.stdout
    assert (mine / "counter").read_text() == "2"
    assert "(2 repeats)" in wasm_matrix(mine, "list", "cases").stdout


# ---- the real one


@pytest.mark.xdist_group("wasmer-7.4+singlepass")
def test_store_buffering_of_wasmers_singlepass_is_found() -> None:
    """Its atomic stores are plain ones, which a later load overtakes on x86-64: now and then, so until the first."""
    target = ready("wasmer-7.4+singlepass")
    matrix = Matrix(default_matrix())
    (cell,) = matrix.cells(Settings((target.name,), ("threads/litmus-store-buffering",)))
    executor = Executor(matrix.config, matrix.table, repeat=500, until_fail=True)
    verdict, overhead = executor.run(cell)
    executor.close()
    assert verdict.cause == "engine/wrong-value"
    assert "y=0 x=0: never" in verdict.detail["expected"]
    shown = record(cell, verdict, overhead, matrix.config)
    assert not shown.unexpected
    assert ending(shown).endswith(f"1/{verdict.detail['repeats']}")
    assert "failed" in (repeats(shown) or "")
    assert again(shown).endswith("--repeat 500 --until-fail")
