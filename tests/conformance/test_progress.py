"""What a run shows while it goes: how far, how long to go, what came out, what each target is at; at any width."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from conformance.plugin import pytest_runtest_makereport
from conformance.progress import Reporter
from conformance.settings import Settings
from conformance.store import Record, Store
from runners.installation import Progress
from tests.conformance.report_sample import record
from tests.conftest import ready

PLAN = [
    f"matrix.yaml::numeric/rounding[{label}]@{target}"
    for target in ("wasmtime-50", "node-24")
    for label in ("rust", "go")
]


def reporter(tmp_path: Path, width: int = 80) -> tuple[Reporter, Store, Console]:
    """A reporter with a store of its own and a terminal of that width; its plan is made."""
    store = Store(tmp_path / "store.sqlite")
    console = Console(file=StringIO(), width=width, force_terminal=True, color_system=None)
    made = Reporter(store, store.begin("x", "y", ["wasmtime-50", "node-24"]), console)
    made.pytest_xdist_node_collection_finished(None, PLAN)
    return made, store, console


def report(cell: Record) -> Any:
    """What pytest reports of a cell, as the plug-in makes it of its item."""
    from conformance.plugin import CellItem

    item = CellItem.__new__(CellItem)
    item.record, item.hello = cell, {"runtime": "wasmtime", "version": "50.0.1"}
    made: Any = SimpleNamespace(when="call", failed=False, outcome="passed", nodeid=f"matrix.yaml::{cell.id}")
    steps = pytest_runtest_makereport(item, SimpleNamespace(when="call"))  # type: ignore[arg-type]
    next(steps)
    with pytest.raises(StopIteration):
        steps.send(made)
    return made


def shown(of: Reporter, width: int = 80) -> list[str]:
    """The lines in a terminal of that width."""
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(of.lines())
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_before_the_first_cell_it_says_so(tmp_path: Path) -> None:
    """Neither a division by zero nor an estimate out of nothing."""
    made, _, _ = reporter(tmp_path)
    assert len(shown(made)) == 1
    assert shown(made)[0].startswith("0 of 4 cells")
    assert shown(made)[0].endswith("starting")


def test_a_cell_is_stored_and_counted_as_it_finishes(tmp_path: Path) -> None:
    """With what its runner said; expected failures are told from unexpected ones, which are named at once."""
    made, store, console = reporter(tmp_path)
    cells = [
        record("numeric/rounding[rust]", "wasmtime-50", "pass"),
        record("numeric/rounding[go]", "wasmtime-50", "fail", cause="engine/wrong-value", expected=True),
        record("numeric/rounding[rust]", "node-24", "fail", cause="engine/wrong-value"),
    ]
    for cell in cells:
        made.pytest_runtest_logreport(report(cell))
    run = store.load()
    assert {one.id for one in run.records} == {cell.id for cell in cells}
    assert run.plan == tuple(node.partition("::")[2] for node in PLAN)
    assert run.targets["wasmtime-50"]["version"] == "50.0.1"
    assert shown(made)[0].startswith("3 of 4 cells")
    assert shown(made)[0].endswith("to go")
    assert set(shown(made)[1].split(", ")) == {"1 pass", "1 fail as expected", "1 unexpected"}
    assert isinstance(console.file, StringIO)
    assert "fail numeric/rounding[rust]@node-24: engine/wrong-value" in console.file.getvalue()


def test_each_target_shows_what_it_is_at(tmp_path: Path) -> None:
    """With the module in its brackets, until the cell is done."""
    made, _, _ = reporter(tmp_path)
    for node in PLAN[::2]:
        made.pytest_runtest_logstart(node, None)
    assert shown(made)[1:] == ["  node-24      numeric/rounding[rust]", "  wasmtime-50  numeric/rounding[rust]"]
    made.pytest_runtest_logreport(report(record("numeric/rounding[rust]", "node-24", "pass")))
    assert shown(made)[2:] == ["  wasmtime-50  numeric/rounding[rust]"]


@pytest.mark.parametrize("width", [40, 80, 140])
def test_no_line_is_wrapped(tmp_path: Path, width: int) -> None:
    """What does not fit is cut off: a line more would make the display jump."""
    made, _, _ = reporter(tmp_path, width)
    for number in range(8):
        made.pytest_runtest_logstart(f"matrix.yaml::numeric/{'long' * 20}[rust]@runtime-{number}", None)
    for status in ("pass", "unsupported", "missing"):
        made.pytest_runtest_logreport(report(record("numeric/rounding[rust]", f"t-{status}", status)))
    lines = shown(made, width)
    assert len(lines) == 2 + 8
    assert max(map(len, lines)) <= width


def test_a_target_that_is_being_installed_says_so(tmp_path: Path) -> None:
    """Instead of the cell that waits for it."""
    made, _, _ = reporter(tmp_path)
    beside = Progress(tmp_path / "progress.json")
    beside.write({"node-24": "installing", "wasmtime-50": "ready"})
    text = Settings(progress=str(beside.path)).text()
    plugins = SimpleNamespace(getplugin=lambda _: None)
    made.pytest_configure(SimpleNamespace(getoption=lambda _: text, pluginmanager=plugins))  # type: ignore[arg-type]
    for node in PLAN[::2]:
        made.pytest_runtest_logstart(node, None)
    assert shown(made)[1:] == ["  node-24      is being installed", "  wasmtime-50  numeric/rounding[rust]"]


def test_a_fault_of_the_suite_is_kept(tmp_path: Path) -> None:
    """A test report without a cell's record is none of a cell."""
    made, store, _ = reporter(tmp_path)
    broken: Any = SimpleNamespace(when="call", failed=True, nodeid=PLAN[0], longreprtext="KeyError: 'x'")
    made.pytest_runtest_logreport(broken)
    assert made.trouble.startswith("numeric/rounding[rust]@wasmtime-50: the suite itself failed")
    assert "KeyError" in made.trouble
    assert store.load().records == ()


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is Unix's")
def test_a_run_in_a_terminal(tmp_path: Path, workers: int) -> None:
    """The real thing, on a pseudo-terminal of 80 columns: it lives to its end, and its table fits."""
    import pty

    ready("node-24")
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [
            sys.executable, "-m", "conformance.cli", "run", "--target", "node-24", "--case", "sha256/*",
            "-n", str(workers),
        ],
        cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs,
        env={
            **os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "80", "LINES": "40", "TERM": "xterm",
        },
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not data:
            break
        said += data
    os.close(ours)
    assert running.wait(60) == 0, said.decode()
    text = said.decode()
    assert " of 16 cells" in text
    assert "Traceback" not in text
    ending = text[text.rindex("Number of cells") :].splitlines()
    assert "0 unexpected" in " ".join(" ".join(ending).split())
    assert max(len(line) for line in ending if "report: " not in line) <= 80 + len("\x1b[2m")


def test_without_a_terminal_a_line_is_written_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For the log of a CI server: plain, whole, on standard error."""
    monkeypatch.setattr("conformance.progress._EVERY", 0.0)
    store = Store(tmp_path / "store.sqlite")
    made = Reporter(store, store.begin("x", "y", ["node-24"]), Console(file=StringIO()))
    made.pytest_xdist_node_collection_finished(None, PLAN)
    made.pytest_runtest_logstart(PLAN[0], None)
    made.pytest_runtest_logreport(report(record("numeric/rounding[rust]", "node-24", "pass")))
    line = capsys.readouterr().err
    assert line.endswith("1 of 4 cells, about 0:00:00 to go: 1 pass; running wasmtime-50 numeric/rounding[rust]\n")


def test_a_record_survives_its_journey() -> None:
    """From the worker to the process that gathers: as JSON on the report, and nowhere twice."""
    from conformance.plugin import hello_of, record_of

    cell = record(
        "numeric/rounding[rust]",
        "node-24",
        "fail",
        cause="engine/wrong-value",
        also=("suite/script",),
        detail={"seen": "\ud800"},
    )
    made = report(cell)
    assert record_of(made) == cell
    assert hello_of(made) == {"runtime": "wasmtime", "version": "50.0.1"}
    assert sum("wrong-value" in json.dumps(value, default=str) for value in vars(made).values()) == 1
