"""`wasm-matrix features`: the table of features in the terminal, and for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from conformance.cli._commands import commands
from runners.features import FEATURES, digest
from runners.runtime import State
from runners.targets import RUNTIMES
from tests.conftest import on_targets, ready

FAST = ["wasmtime-50", "node-24"]


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["features", *arguments])


@on_targets(FAST)
def test_for_programs_all_is_told_as_a_run_stores_it(target_name: str) -> None:
    """What was executed, and of the rest why not; by version, day and set of probes."""
    ready(target_name)
    result = ask(target_name, "--json")
    assert result.exit_code == 0, result.output
    ((name, said),) = json.loads(result.output).items()
    assert (name, said["probe_set"]) == (target_name, digest())
    assert said["version"].split(".")[0] == target_name.partition("-")[2]
    assert said["features"] == sorted(name for name, probe in said["probes"].items() if probe["state"] == "executed")
    asked = datetime.fromisoformat(said["probed"])
    assert abs((datetime.now(UTC) - asked).total_seconds()) < 600


def test_the_table_names_flags_and_in_words_why_not() -> None:
    """A column for each target; below it what turns on what is off."""
    ready("node-24")
    table = ask("node-24")
    assert table.exit_code == 0, table.output
    assert {name for name in FEATURES if f"\n{name} " in table.output} == set(FEATURES)
    assert "⚑ jspi: --experimental-wasm-jspi\n" in table.output
    words = ask("node-24", "--why").output
    assert "⚑ jspi: refused: WebAssembly.Suspending is not a constructor; executed with --experimental-wasm" in words
    assert "– custom-page-sizes: refused: WebAssembly.compile(): invalid memory limits flags" in words


def test_what_cannot_be_asked_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody was asked: exit code 3. A name that there is not: 2."""
    monkeypatch.setattr(type(RUNTIMES["node"]), "state", lambda *_: State("missing", "install Node.js"))
    result = ask("node-24")
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", "node-24: missing: install Node.js\n")
    assert ask("node-24", "--json").stdout == "{}\n"
    unknown = ask("nod-24")
    assert (unknown.exit_code, "unknown target 'nod-24'" in unknown.output) == (2, True)
