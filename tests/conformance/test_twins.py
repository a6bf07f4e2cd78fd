"""A wrong answer is seen: on every runner, a deliberately wrong module fails every job that it serves."""

from __future__ import annotations

import functools
from dataclasses import replace
from fnmatch import fnmatchcase

import pytest

from conformance.case import Case, Script
from conformance.cases import CASES
from conformance.cases.threads import DATA
from conformance.config import default_matrix, load_config
from conformance.verdict import judge
from conformance.wire import resolve
from headers_server.profiles import shipped
from modules.table import Module, load
from runners.observation import Observation
from runners.provision import cache_folder
from runners.session import Session
from runners.targets import parse_target
from tests.conftest import TARGETS, on_targets

TABLE = load()
WRONG = [module for module in TABLE.modules.values() if module.variant == "wrong"]
EXPECTATIONS = load_config(default_matrix()).expectations
LABELS = {module.language for module in TABLE.modules.values()}
TWINS = [(module.id, job) for module in WRONG for job in module.jobs]


def as_right(module_id: str) -> Module:
    """The wrong module as if it were the right one.

    Its language is that of the module which it was made from, since some answers depend on it.
    """
    module = TABLE.modules[module_id]
    return replace(module, variant="threads" if module.abi in ("threads", "instances") else "single")


def cases_of(module_id: str, job: str, target_name: str) -> list[Case]:
    """Every case of the job that is asked of the module on the target."""
    return [
        case for case in CASES
        if case.job == job and case.asks(as_right(module_id))
        and any(fnmatchcase(target_name, pattern) for pattern in case.targets)
    ]  # fmt: skip


QUESTIONS = [
    pytest.param(target_name, module_id, job, marks=pytest.mark.xdist_group(target_name))
    for target_name in TARGETS for module_id, job in TWINS if cases_of(module_id, job, target_name)
]  # fmt: skip


@functools.cache
def scripts(module_id: str, case_id: str) -> tuple[Script, Script]:
    """The script of a case for the wrong module, and what the runner reads of it."""
    (case,) = (case for case in CASES if case.id == case_id)
    asked = as_right(module_id)
    script = case.build(asked)
    return script, resolve(script, asked, TABLE.modules, cache_folder("data"))


def _hangs(case_id: str, target_name: str) -> bool:
    """Whether matrix.yaml knows that the case hangs on the target, by the engine's fault and whatever the language."""
    known = [one for one in EXPECTATIONS if any(one.chooses(case_id, label, target_name, None) for label in LABELS)]
    return bool(known) and known[-1].status == "timeout"


def test_every_job_has_a_wrong_twin() -> None:
    """None is forgotten."""
    assert {job for _, job in TWINS} == {case.job for case in CASES if case.job}


@pytest.mark.parametrize("module", WRONG, ids=lambda module: module.id)
def test_a_wrong_module_needs_no_feature_that_a_right_one_does_not(module: Module) -> None:
    """So where a target lacks what it needs, and it cannot be asked, a right one cannot be either."""
    for job in module.jobs:
        assert any(set(module.features) <= set(right.features) for right in TABLE.serving(job)), job


@pytest.mark.parametrize(("target_name", "module_id", "job"), QUESTIONS)
def test_a_wrong_module_fails(session: Session, target_name: str, module_id: str, job: str) -> None:
    """At least one case of the job says so, as a failure of the answer, and not by a crash or a hang."""
    module: Module = TABLE.modules[module_id]
    hello = session.hello()
    profile = parse_target(target_name, list(shipped())).profile
    verdicts = []
    cases = cases_of(module_id, job, target_name)
    for case in sorted(cases, key=lambda case: _hangs(case.id, target_name)):
        script, wire = scripts(module_id, case.id)
        features = [*module.features, *case.features]
        # As the suite itself, which asks nothing of a runtime that lacks a feature: its wait may have no end.
        able = hello.features.issuperset(features)
        seen = session.run(wire, case.deadline) if able else Observation("done")
        verdict = judge(script, seen, hello, features, profile)
        verdicts.append((case.id, verdict.status, verdict.cause))
        if verdict.status == "fail":
            return
        if verdict.status == "timeout" and _hangs(case.id, target_name):
            pytest.skip(f"{target_name} hangs here with the right module, too: matrix.yaml says why")
    if {status for _, status, _ in verdicts} <= {"unsupported", "blocked"}:
        pytest.skip(f"{target_name} cannot be asked: {verdicts[0][2]}")
    pytest.fail(f"{module_id} passed for right: {verdicts}")


@on_targets(["wasmtime-50"])
@pytest.mark.parametrize("module_id", ["wrong-wasi-threads", "wrong-c-wasi-threads"])
def test_a_wrong_program_with_threads_fails_every_case(session: Session, module_id: str) -> None:
    """Each is a program of its own: a case that fails says nothing of the others."""
    hello = session.hello()
    statuses = {}
    for case in cases_of(module_id, "wasi-threads", "wasmtime-50"):
        script, wire = scripts(module_id, case.id)
        statuses[case.id] = judge(script, session.run(wire, case.deadline), hello).status
    assert set(statuses.values()) == {"fail"}, statuses


@on_targets(["wasmtime-50", "node-24"])
@pytest.mark.parametrize("module_id", ["rust-state", "emscripten-state"])
@pytest.mark.parametrize(
    ("job", "region", "given"),
    [("stacks", "stack", {"size": 16}), ("locals", "tls", {"address": DATA})],
    ids=["one-stack-for-all", "thread-locals-elsewhere"],
)
def test_a_host_that_gives_threads_the_wrong_memory_fails(
    session: Session, module_id: str, job: str, region: str, given: dict[str, int]
) -> None:
    """Not only a module can be wrong: one stack for all workers, or thread-locals elsewhere than was said, are seen."""
    module = TABLE.modules[module_id]
    (case,) = (case for case in CASES if case.job == job)
    script = [{**command} for command in case.build(module)]
    for command in script:
        if command["type"] == "spawn":
            command[region] = {**command[region], **given}
    wire = resolve(script, module, TABLE.modules, cache_folder("data"))
    verdict = judge(script, session.run(wire, case.deadline), session.hello(), module.features, None)
    assert (verdict.status, verdict.cause) == ("fail", "engine/wrong-value")
