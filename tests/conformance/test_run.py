"""`wasm-matrix run` as a user meets it: exit codes, expectations, Ctrl-C, a killed run; real runtimes, real modules."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pytest

from conformance.store import Store
from runners.provision import cache_folder
from tests.conftest import ready

pytestmark = pytest.mark.xdist_group("run")
TARGETS = ("wasmtime-50", "node-24")
QUICK = "sha256/empty or sha256/1-byte"


@pytest.fixture
def matrix(tmp_path: Path) -> Callable[..., Path]:
    """Writes a matrix.yaml of two targets and these expectations."""

    def write(*expectations: str, targets: Sequence[str] = TARGETS, more: str = "") -> Path:
        path = tmp_path / "matrix.yaml"
        entries = "".join(f"  - {entry}\n" for entry in expectations)
        path.write_text(f"targets: [{', '.join(targets)}]\n{more}" + (f"expectations:\n{entries}" if entries else ""))
        return path

    for name in TARGETS:
        ready(name)
    return write


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "conformance.cli", *map(str, arguments)]


def wasm_matrix(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a folder that is not the checkout."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=_environment(environment),
    )


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "200", **more}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_is_a_table_a_store_and_a_page(matrix: Callable[..., Path], tmp_path: Path, workers: int) -> None:
    """In one process as in several; exit code 0 when all is as expected."""
    done = wasm_matrix(tmp_path, "run", "--matrix", matrix(), "-k", QUICK, "-n", workers)
    assert done.returncode == 0, done.stderr
    assert "wasmtime-50" in done.stdout
    assert "0 unexpected" in done.stdout
    run = Store(tmp_path / ".wasm-matrix" / "store.sqlite", create=False).load()
    assert {record.target for record in run.records} == set(TARGETS)
    assert {record.status for record in run.records} == {"pass"}
    assert len(run.records) == len(run.plan) == 2 * 2 * 4  # cases, targets, languages
    assert run.targets["node-24"]["version"].startswith("24.")
    assert (tmp_path / ".wasm-matrix" / f"{run.id}.html").stat().st_size > 10_000
    assert f"{run.id}.html" in done.stdout


def test_cells_are_pytest_items(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """`pytest matrix.yaml` with -k, -n, -v and JUnit works without our command line."""
    matrix()
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "matrix.yaml", "-k", "sha256/empty", "-v",
            "-n", "2", "--junit-xml=out.xml",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300, env=_environment({}),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "sha256/empty[rust]@node-24" in done.stdout
    assert (tmp_path / "out.xml").read_text().count("<testcase") == 8


def test_an_expected_failure_leaves_the_exit_code_0(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """And is shown with its reason: wasmtime refuses exit codes of 126 and more."""
    path = matrix(
        "{case: wasi/exit-255, target: wasmtime-*, status: fail, reason: the engine's limit}", targets=["wasmtime-50"]
    )
    done = wasm_matrix(tmp_path, "run", "--matrix", path, "--case", "wasi/exit-255", "-n", 0)
    assert done.returncode == 0, done.stdout
    report = json.loads(wasm_matrix(tmp_path, "report", "--format", "json").stdout)
    assert {(cell["status"], cell["expected"], cell["reason"]) for cell in report["cells"]} == {
        ("fail", True, "the engine's limit")
    }


def test_a_pass_against_its_expectation_is_unexpected(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """Exit code 1, and the cell is named."""
    path = matrix("{case: sha256/empty, language: rust, target: node-24, status: fail, reason: was broken}")
    done = wasm_matrix(tmp_path, "run", "--matrix", path, "-k", QUICK)
    assert done.returncode == 1
    assert "PASS sha256/empty[rust]@node-24" in done.stdout
    assert "expected otherwise: was broken" in done.stdout


def test_an_expectation_that_matches_no_cell_is_told(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """Exit code 1, with its line; even when only some cells were run."""
    path = matrix("{case: sha257/*, status: fail, reason: misspelt}")
    done = wasm_matrix(tmp_path, "run", "--matrix", path, "-k", QUICK)
    assert done.returncode == 1
    assert f"{path}:3: this expectation matches no cell" in done.stdout


def test_all_targets_missing_is_exit_code_3(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """Nothing could run, and each cell says what to install."""
    done = wasm_matrix(
        tmp_path, "run", "--matrix", matrix(targets=["chicory-1.7+compiler"]), "-k", QUICK, "-n", 0, PATH=str(tmp_path)
    )
    assert done.returncode == 3
    report = json.loads(wasm_matrix(tmp_path, "report", "--format", "json").stdout)
    assert {cell["cause"] for cell in report["cells"]} == {"missing/runtime"}
    assert all("install a JDK" in cell["detail"]["reason"] for cell in report["cells"])


def test_a_missing_target_is_exit_code_1_when_all_are_required(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """Otherwise it is shown and leaves the exit code alone."""
    path = matrix(targets=["wasmtime-50", "chicory-1.7+compiler"])
    for option, code in (((), 0), (("--require-all",), 1)):
        done = wasm_matrix(tmp_path, "run", "--matrix", path, "-k", QUICK, *option, PATH=str(tmp_path))
        assert done.returncode == code, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--target", "wasmtim-50"], "did you mean 'wasmtime-50'?"),
        (["run", "-k", "no_such_case"], "no cell of"),
        (["run", "--case", "sha257/*"], "did you mean 'sha256/*'?"),
        (["run", "--matrix", "none.yaml"], "none.yaml: no such file"),
        (["report"], "no such store"),
        (["serve", "no-such-folder"], "no such folder"),
        (["serve", ".", "--profile", "isolatd"], "isolated"),
        (["setup", "chromum"], "did you mean"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    matrix: Callable[..., Path], tmp_path: Path, arguments: list[str], words: str
) -> None:
    """What, where, what to do; never a traceback."""
    matrix()
    done = wasm_matrix(tmp_path, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("Error: ")]) == 1


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_cut_off_loses_nothing_and_leaves_nothing(
    matrix: Callable[..., Path], tmp_path: Path, ending: signal.Signals
) -> None:
    """Ctrl-C, and the worst: every finished cell is in the store; no process goes on; the report can be made."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    running = subprocess.Popen(
        command("run", "--matrix", matrix(), "-n", 2),
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=_environment({"TMPDIR": str(temporary)}),
    )  # fmt: skip
    store = tmp_path / ".wasm-matrix" / "store.sqlite"
    finished = 0
    for _ in range(600):
        time.sleep(0.1)
        if store.is_file() and (finished := _finished(store)) > 20:
            break
    family = psutil.Process(running.pid).children(recursive=True)
    assert family
    running.send_signal(ending)
    out, err = running.communicate(timeout=60)
    assert running.returncode == (130 if ending == signal.SIGINT else -ending), out + err
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
    run = Store(store, create=False).load()
    assert finished <= len(run.records) < len(run.plan)
    if ending == signal.SIGINT:
        assert not list(temporary.glob("wasm-matrix-*"))
    else:
        assert run.finished is None
    assert wasm_matrix(tmp_path, "report").returncode == 0


def _finished(store: Path) -> int:
    try:
        return len(Store(store, create=False).load().records)
    except Exception:
        return 0


def test_what_is_not_set_up_is_installed_beside_and_joins(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """In an empty cache: the cells of the target that is there go first, the others wait for their runtime."""
    path = matrix(targets=["wasmtime-50", "chromium+none"])
    done = wasm_matrix(
        tmp_path, "run", "--matrix", path, "-k", QUICK, "--setup", "-n", 0, WASM_MATRIX_CACHE=str(tmp_path / "cache")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    run = Store(tmp_path / ".wasm-matrix" / "store.sqlite", create=False).load()
    assert {record.status for record in run.records} == {"pass"}
    assert set(run.targets) == {"wasmtime-50", "chromium+none"}


def test_an_installation_that_fails_is_a_cause(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """The cells say what went wrong, and that nothing ran is exit code 3."""
    done = wasm_matrix(
        tmp_path, "run", "--matrix", matrix(targets=["wasmtime-50"]), "-k", QUICK, "--setup", "-n", 0,
        WASM_MATRIX_CACHE=str(tmp_path / "cache"), PIP_INDEX_URL="http://127.0.0.1:9/",
        PIP_NO_CACHE_DIR="1", PIP_RETRIES="0",
        PIP_FIND_LINKS="",
    )  # fmt: skip
    assert done.returncode == 3, done.stdout + done.stderr
    report = json.loads(wasm_matrix(tmp_path, "report", "--format", "json").stdout)
    assert {cell["cause"] for cell in report["cells"]} == {"missing/build"}


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("name", ["my.yml", "matrix"])
def test_a_matrix_may_have_any_name_and_its_folder_too(
    matrix: Callable[..., Path], tmp_path: Path, name: str, workers: int
) -> None:
    """What is pytest's own in a path is none of the user's affair."""
    folder = tmp_path / "app [v2]::next"
    folder.mkdir()
    matrix().rename(folder / name)
    done = wasm_matrix(folder, "run", "--matrix", name, "-k", QUICK, "-n", workers)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 of 16 cells" in done.stdout


@pytest.mark.parametrize("workers", [0, 2])
def test_the_first_unexpected_cell_ends_a_run_with_x(matrix: Callable[..., Path], tmp_path: Path, workers: int) -> None:
    """Exit code 1, in one process as in several: nobody has interrupted it."""
    path = matrix("{case: sha256/empty, status: fail, reason: was broken}")
    done = wasm_matrix(tmp_path, "run", "--matrix", path, "--case", "sha256/*", "-x", "-n", workers)
    assert done.returncode == 1, done.stderr
    run = Store(tmp_path / ".wasm-matrix" / "store.sqlite", create=False).load()
    assert len(run.records) < len(run.plan)


def wasm_matrix_without_room(folder: Path, room: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """Asks sha256 of wasmtime 50 where no file may grow over `room` bytes."""
    return subprocess.run(
        command("run", "--target", "wasmtime-50", "--case", "sha256/*", "-n", 0),
        cwd=folder, capture_output=True, text=True, check=False, timeout=300, env=_environment(environment),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )  # fmt: skip


def test_a_full_store_takes_nothing_away_of_what_is_in_it(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """Cells and notes (the last to be stored, and here long) are shown; one line says why, and exit code 2."""
    matrix(f"{{case: sha257/*, status: fail, reason: {'x' * 50_000}}}")
    done = wasm_matrix_without_room(tmp_path, 100_000)
    assert done.returncode == 2, done.stdout
    run = Store(tmp_path / ".wasm-matrix" / "store.sqlite", create=False).load()
    assert 0 < len(run.records) < len(run.plan) == 16
    assert f"{len(run.records)} of 16 cells before it was cut off" in done.stdout
    assert "this expectation matches no cell" in done.stdout
    (line,) = [line for line in done.stderr.splitlines() if "cells finished before are kept" in line]
    assert line.startswith(".wasm-matrix/store.sqlite: cannot be written: ")
    assert "Traceback" not in done.stderr


def test_a_cell_that_the_suite_itself_could_not_ask_is_exit_code_2(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """However well all others ended: here its data, 8 MiB, cannot be kept."""
    matrix()
    cache = tmp_path / "cache"
    (cache / "data").mkdir(parents=True)
    for path in cache_folder("data").parent.iterdir():
        if path.name != "data":
            (cache / path.name).symlink_to(path)
    done = wasm_matrix_without_room(tmp_path, 1_000_000, WASM_MATRIX_CACHE=str(cache))
    assert done.returncode == 2, done.stdout
    assert "12 of 16 cells" in done.stdout
    assert "the suite itself failed" in done.stderr


def test_a_page_that_cannot_be_written_takes_nothing_away(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """A full disk: the table, the exit code, the store; one line says which page and why."""
    path = matrix(targets=["wasmtime-50"])
    done = wasm_matrix(tmp_path, "run", "--matrix", path, "-k", QUICK, "-n", 0, "--html", "/dev/full")
    assert done.returncode == 0, done.stderr
    assert "8 pass; 0 as expected, 0 unexpected" in done.stdout
    assert "report:" not in done.stdout
    (line,) = [line for line in done.stderr.splitlines() if "/dev/full" in line]
    assert line.startswith("/dev/full: cannot be written: No space left on device; the run is stored: wasm-matrix ")
    assert len(Store(tmp_path / ".wasm-matrix" / "store.sqlite", create=False).load().records) == 8


def test_what_was_unexpected_is_run_again_alone(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """--lf: a cell that failed once in many runs is told apart from one that is broken."""
    path = matrix("{case: sha256/empty, language: rust, target: node-24, status: fail, reason: was broken}")
    assert wasm_matrix(tmp_path, "run", "--matrix", path, "-k", QUICK).returncode == 1
    assert wasm_matrix(tmp_path, "run", "--matrix", path, "--lf").returncode == 1
    run = Store(tmp_path / ".wasm-matrix" / "store.sqlite", create=False).load()
    assert [record.id for record in run.records] == ["sha256/empty[rust]@node-24"]


def test_a_selection_without_cells_is_no_run(matrix: Callable[..., Path], tmp_path: Path) -> None:
    """The store keeps the runs that asked something."""
    path = matrix()
    assert wasm_matrix(tmp_path, "run", "--matrix", path, "-k", QUICK).returncode == 0
    assert wasm_matrix(tmp_path, "run", "--matrix", path, "-k", "nothing_like_it").returncode == 2
    assert len(list(Store(tmp_path / ".wasm-matrix" / "store.sqlite", create=False).runs())) == 1
