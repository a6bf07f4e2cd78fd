"""Wrong usage ends before anything runs: exit code 2 and one line that says what, where and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli._commands import commands
from headers_server.origin import listen

CHECKOUT = Path(__file__).parents[2]
MATRIX = "targets: [wasmtime-50]\ncases: [sha256/*]\n"


def told(*arguments: str) -> str:
    """The error of such a command line, alone."""
    done = CliRunner().invoke(commands, arguments)
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit), done.output
    (error,) = [line for line in done.output.splitlines() if line.startswith("Error: ")]
    assert done.output.endswith(f"{error}\n")
    return error.removeprefix("Error: ")


def started(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Such a command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "conformance.cli", *arguments], capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In a folder of its own, where the command is run."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "matrix.yaml"
    path.write_text(MATRIX)
    return path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "nosuch"], "unknown target 'nosuch'; `wasm-matrix list` shows all"),
        (["--target", "wasmtme-50"], "unknown target 'wasmtme-50'; did you mean 'wasmtime-50'?"),
        (["--case", "sha256"], "no case matches 'sha256'; did you mean 'sha256/*'?"),
        (["--case", "sha256/empty", "--case", "@"], "no case matches '@'; `wasm-matrix list cases` shows all"),
        (["--case", "nbody/*"], "no cell of matrix.yaml is chosen; `wasm-matrix list cells` shows all"),
        (["-k", "rust and and"], "-k 'rust and and': expected not OR left parenthesis OR identifier; got and"),
        (["--profile", "nosuch"], "no browser among the targets has a profile nosuch; there are: none, isolated"),
        (["--repeat", "0"], "Invalid value for '--repeat': 0 is not in the range x>=1"),
        (["--html", "matrix.yaml/page.html"], "matrix.yaml/page.html: cannot be written: "),
        (["--store", "matrix.yaml"], "matrix.yaml: cannot be used as a store: file is not a database"),
        (["--store", "matrix.yaml/store"], "matrix.yaml/store: cannot be used as a store: "),
        (["--announce", "127.0.0.1"], "--announce is for browsers of a Grid"),
    ],
)
def test_a_run_that_cannot_be(matrix: Path, arguments: list[str], words: str) -> None:
    """It asks no cell, and leaves no run and no page behind."""
    assert told("run", *arguments).startswith(words)
    assert not list(matrix.parent.glob("**/*.html"))
    assert matrix.read_text() == MATRIX


def test_a_pattern_of_cases_that_matches_none_is_an_error_of_the_file(matrix: Path) -> None:
    """With its line, whatever else matches."""
    matrix.write_text("targets: [wasmtime-50]\ncases:\n  - sha256/*\n  - shaa256/*\n")
    assert told("list", "cells") == "matrix.yaml:4: cases.1: no case matches 'shaa256/*'; did you mean 'sha256/*'?"


def test_a_report_of_nothing(matrix: Path) -> None:
    """No store, no run."""
    assert told("report").startswith(".wasm-matrix/store.sqlite: no such store; run `wasm-matrix run` first")
    assert told("report", "--store", str(matrix)).startswith(f"{matrix}: cannot be used as a store")


def test_ctrl_c_is_not_the_exit_code_of_a_disagreement(matrix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """130, of each command, and a word."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.cli.list.Matrix", interrupt)
    done = CliRunner().invoke(commands, ["list", "--matrix", str(matrix)])
    assert (done.exit_code, done.output) == (130, "interrupted\n")


def test_ctrl_c_while_the_command_line_is_imported(tmp_path: Path) -> None:
    """130, too, and no traceback: a module that it imports is one that sends the signal."""
    interrupt = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)\n"
    (tmp_path / "pydantic.py").write_text(interrupt)
    done = started("list", PYTHONPATH=f"{tmp_path}{os.pathsep}{CHECKOUT}")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which somebody listens."""
    origin, sockets = listen("localhost")
    yield origin.port
    for one in sockets:
        one.close()


def test_a_port_that_is_taken(matrix: Path, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who listens there goes on."""
    words = f"cannot listen on http://localhost:{taken}: the port is in use"
    assert told("serve", str(matrix.parent), "--port", str(taken)) == words
    monkeypatch.setattr("conformance.cli.grid.install", lambda log: None)  # noqa: ARG005
    assert told("grid", "--port", str(taken)) == words.replace("localhost", "127.0.0.1")


def test_a_grid_that_cannot_be_here(tmp_path: Path) -> None:
    """Nothing could run: what to install, and exit code 3."""
    done = started("grid", PYTHONPATH=str(CHECKOUT), PATH=str(tmp_path), WASM_MATRIX_CACHE=str(tmp_path))
    assert done.returncode == 3
    assert done.stderr.startswith("Error: no `java` on PATH: install a JDK")
