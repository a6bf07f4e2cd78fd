"""The conformance test: our native runners keep each clause, and a runner that breaks one is seen."""

from __future__ import annotations

import contextlib
import runpy
import sys
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from headers_server.profiles import shipped
from runners.check import CLAUSES, Bench, Clause, NotApplicable, Violation
from runners.targets import parse_target, runtime_of
from tests.conftest import TARGETS, in_groups

NATIVE = [name for name in TARGETS if not runtime_of(parse_target(name, list(shipped()))).is_browser]
FAULTY = Path(__file__).with_name("faulty.py")
FAULTS: dict[str, str] = runpy.run_path(str(FAULTY))["FAULTS"]
BY_ID = {clause.id: clause for clause in CLAUSES}

LACKS = {
    **dict.fromkeys(("wasmtime-*", "wasmer-7.4+*", "wasmi-*", "wazero-*", "chicory-*"), ("programs/*",)),
    "wasmer-1.1+*": ("programs/*", "values/references"),
    "wamr-*": ("programs/*", "threads/*"),
    "workerd-*": ("programs/*", "threads/*", "wasi/*", "lifetime/large-module"),
    "miniracer-*": ("programs/*", "threads/*", "wasi/*"),
    "viceroy-*": ("*",),
}
"""By target, the clauses about what it has not, where no feature tells."""


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest, command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """A bench with the runner of the target that the test names."""
    with Bench(command_of(request.param), repeats=2_000) as bench:
        yield bench


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.id)
@pytest.mark.parametrize("bench", in_groups(NATIVE), indirect=True)
def test_a_runner_keeps_the_clause(bench: Bench, clause: Clause, request: pytest.FixtureRequest) -> None:
    """Each native runner keeps each clause, or says that it lacks what that is about, as it is known to."""
    if absent := sorted(set(clause.needs) - bench.hello.features):
        pytest.skip(f"the runtime has no {', '.join(absent)}")
    asked = f"{request.node.callspec.params['bench']} {clause.id}"
    lacks = any(fnmatchcase(asked, f"{target} {part}") for target, parts in LACKS.items() for part in parts)
    with contextlib.suppress(NotApplicable) if lacks else contextlib.nullcontext():
        clause.ask(bench)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen(fault: str, command_of: Callable[[str], list[str]]) -> None:
    """A runner with this fault breaks the clause that is about it."""
    clause = BY_ID[FAULTS[fault]]
    command = [sys.executable, str(FAULTY), fault, *command_of(able(clause))]
    with Bench(command, repeats=2_000) as bench, pytest.raises(Violation):
        clause.ask(bench)


@pytest.mark.parametrize("name", ["wasmtime-50", "node-24"])
def test_no_fault_no_violation(name: str, command_of: Callable[[str], list[str]]) -> None:
    """The filter through which faults come breaks nothing by itself."""
    command = [sys.executable, str(FAULTY), "none", *command_of(name)]
    clauses = [BY_ID[clause] for clause in sorted(set(FAULTS.values()))]
    with Bench(command, repeats=400) as bench:
        for clause in clauses:
            if able(clause) == name:
                clause.ask(bench)


def able(clause: Clause) -> str:
    """A runner that has what the clause is about."""
    return "node-24" if any(need.startswith("js-") for need in clause.needs) else "wasmtime-50"


def test_ids_are_unique() -> None:
    """A clause has an id of its own, and says something."""
    assert len(BY_ID) == len(CLAUSES)
    assert all(clause.says for clause in CLAUSES)
