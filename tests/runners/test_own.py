"""A runner of the user's own: any program, by its command line; and the example's keeps the protocol."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runners.check import CLAUSES, Bench, Clause, NotApplicable
from runners.runtime import InstallError, Own, Target
from runners.session import RunnerFailed
from runners.targets import runtime_of, session_of

RUNNER = Path(__file__).parents[2] / "examples" / "my_runner.py"


def target(folder: Path, *command: str) -> Target:
    return Target("mine", "mine", own=Own(command, folder))


def test_a_program_is_found_on_path_or_in_the_folder(tmp_path: Path) -> None:
    """Its state says which command it is."""
    program = tmp_path / "runner"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for command in (("./runner", "-x"), ("sh", "my runner.sh"), (str(program),)):
        state = runtime_of(target(tmp_path, *command)).state(target(tmp_path, *command))
        assert state.kind == "ready"
        assert command[0] in state.say


@pytest.mark.parametrize("command", ["./runner", "no-such-program", "/no/such/program"])
def test_a_program_that_is_not_there_is_missing(tmp_path: Path, command: str) -> None:
    """And cannot be installed: what is wrong is said. A file that may not be executed is none."""
    (tmp_path / "runner").write_text("#!/bin/sh\n")
    own = target(tmp_path, command)
    state = runtime_of(own).state(own)
    assert state.kind == "missing"
    assert repr(command) in state.say
    with pytest.raises(InstallError):
        runtime_of(own).install(own, print)


def test_it_works_in_the_folder_of_its_matrix(tmp_path: Path) -> None:
    """So that a relative path in its command is meant from there."""
    (tmp_path / "mine.py").write_text(
        "import json, os, sys\n"
        "hello = {'type': 'hello', 'protocol': 1, 'runtime': 'mine', 'version': '1'}\n"
        "answers = {'hello': {**hello, 'facts': {'folder': os.getcwd()}}}\n"
        "for line in sys.stdin:\n"
        "    told = json.loads(line)\n"
        "    if told['type'] == 'bye': break\n"
        "    error = {'error': {'phase': 'compile', 'name': '', 'message': 'nothing'}}\n"
        "    seen = {'type': 'observation', 'id': told.get('id'), 'results': [error], 'seconds': 0}\n"
        "    print(json.dumps(answers.get(told['type'], seen)), flush=True)\n"
    )
    with session_of(target(tmp_path, sys.executable, "mine.py"), 1 << 30) as session:
        hello = session.hello()
    assert hello.facts["folder"] == str(tmp_path.resolve())
    assert hello.features == frozenset()


def test_a_program_that_is_no_runner_says_how_it_ended(tmp_path: Path) -> None:
    """With the end of its stderr."""
    with (
        session_of(target(tmp_path, sys.executable, "none.py"), 1 << 30) as session,
        pytest.raises(RunnerFailed) as failed,
    ):
        session.hello()
    assert "exit code 2" in str(failed.value)
    assert "none.py" in failed.value.stderr


@pytest.fixture(scope="module")
def bench(command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """The example's runner, under a Python that has the package `wasmtime`."""
    with Bench([command_of("wasmtime-50")[0], str(RUNNER)], repeats=2_000) as bench:
        yield bench


LACKS = ("threads", "wasi", "programs")
"""Parts of the protocol that the example has not."""


@pytest.mark.xdist_group("own-runner")
@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.id)
def test_the_examples_runner_keeps_the_clause(bench: Bench, clause: Clause) -> None:
    """Each that is about what it has: numbers, references, memory, imports, failures, its lifetime; else it says so."""
    has = clause.id.partition("/")[0] not in LACKS and bench.hello.features.issuperset(clause.needs)
    with contextlib.nullcontext() if has else pytest.raises(NotApplicable):
        clause.ask(bench)
