"""Every finished cell is kept: through a killed process, a full disk, an unreadable file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.store import Record, Store, StoreError

RECORD = Record(
    id="sha256/empty[rust]@node-24", case="sha256/empty", title="no bytes", language="rust", variant="single",
    label="rust", target="node-24", profile=None, status="fail", cause="engine/wrong-value", also=("suite/script",),
    detail={"seen": "1 \u00e9"}, seconds=0.5, call_seconds=0.25, overhead=0.001,
)  # fmt: skip


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    """A run, its targets, its cells in the order of the plan."""
    store = Store(tmp_path / "a" / "store.sqlite")
    run = store.begin("wasm-matrix run", "matrix.yaml", ["node-24"])
    other = replace(RECORD, id="nbody/1[rust]@node-24", status="pass", cause=None, also=())
    store.plan(run, [RECORD.id, other.id, "never"])
    store.target(run, "node-24", {"version": "24.19.0"})
    store.cell(run, other)
    store.cell(run, RECORD)
    store.finish(run, ["a note"])
    loaded = store.load()
    assert loaded.records == (RECORD, other)
    assert loaded.plan == (RECORD.id, other.id, "never")
    assert (loaded.id, loaded.notes, loaded.targets["node-24"]["version"]) == (run, ("a note",), "24.19.0")
    assert loaded.machine["cores"] >= 1
    assert loaded.finished is not None


def test_an_older_run_has_the_names_of_today(tmp_path: Path) -> None:
    """What had one name for two things."""
    store = Store(tmp_path / "store.sqlite")
    run = store.begin("x", "y", [])
    for number, threads in enumerate((True, 64)):
        store.cell(run, replace(RECORD, id=str(number), detail={"threads": threads, "causes": []}))
    found = [record.detail for record in store.load().records]
    assert found == [{"threads_work": True, "causes": []}, {"most_threads": 64, "causes": []}]


def test_runs_of_one_second_have_ids_of_their_own(tmp_path: Path) -> None:
    """And the newest is the one shown without an id."""
    store = Store(tmp_path / "store.sqlite")
    ids = [store.begin("x", "y", []) for _ in range(3)]
    assert len(set(ids)) == 3
    assert store.load().id == ids[-1]
    assert store.load(ids[0]).id == ids[0]


def test_a_killed_process_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    """SIGKILL between two cells."""
    path = tmp_path / "store.sqlite"
    program = (
        "import os, signal; from dataclasses import replace; from pathlib import Path\n"
        "from conformance.store import Store, Record\n"
        f"store = Store(Path({str(path)!r})); run = store.begin('x', 'y', [])\n"
        "names = dict.fromkeys(['id', 'case', 'title', 'language', 'variant', 'label', 'target', 'status'], 'x')\n"
        "cell = Record(**names, profile=None)\n"
        "for number in range(50):\n"
        "    store.cell(run, replace(cell, id=f'c{number}'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    loaded = Store(path, create=False).load()
    assert len(loaded.records) == 50
    assert loaded.finished is None


def test_a_full_disk_is_told_and_keeps_the_rest(tmp_path: Path) -> None:
    """As far as SQLite can tell: a file that may not grow."""
    path = tmp_path / "store.sqlite"
    store = Store(path)
    run = store.begin("x", "y", [])
    store.cell(run, RECORD)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match="cells finished before are kept"):  # noqa: PT012 (no one knows which cell is it)
        for number in range(100):
            store.cell(run, replace(RECORD, id=str(number), detail={"seen": "x" * 2000}))
    store.close()
    assert RECORD in Store(path, create=False).load().records


def test_a_store_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """Not there, empty, not a database, of another version."""
    with pytest.raises(StoreError, match="no such store"):
        Store(tmp_path / "none", create=False)
    empty = Store(tmp_path / "empty.sqlite")
    with pytest.raises(StoreError, match="holds no run yet"):
        empty.load()
    run = empty.begin("x", "y", [])
    with pytest.raises(StoreError, match=rf"no run 'nope'; the newest are {run}"):
        empty.load("nope")
    (tmp_path / "nothing").touch()
    with pytest.raises(StoreError, match="holds no run yet"):
        Store(tmp_path / "nothing", create=False)
    (tmp_path / "text").write_text("not a database" * 100)
    with pytest.raises(StoreError, match="cannot be used as a store"):
        Store(tmp_path / "text")
    empty._db.execute("PRAGMA user_version=99")
    empty.close()
    with pytest.raises(StoreError, match="another version"):
        Store(tmp_path / "empty.sqlite")


@pytest.mark.parametrize("record", ["{", "[]", '{"id": "a"}', '{"newer": 1, "also": [], "detail": {}}'])
def test_a_run_that_cannot_be_read_is_told_in_a_line(tmp_path: Path, record: str) -> None:
    """Damaged, or of a version of the suite that stored something else."""
    path = tmp_path / "store.sqlite"
    store = Store(path)
    store.cell(store.begin("x", "y", []), RECORD)
    store._db.execute("UPDATE cell SET record = ?", (record,))
    store.close()
    with pytest.raises(
        StoreError, match=r"store.sqlite: the run cannot be read: .*: name another run or store"
    ) as told:
        Store(path, create=False).load()
    assert "\n" not in str(told.value)


def test_a_store_is_read_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is."""
    path = tmp_path / "store ?#%.sqlite"
    store = Store(path)
    store.cell(store.begin("x", "y", []), RECORD)
    store.close()
    before = {entry: entry.read_bytes() for entry in tmp_path.iterdir()}
    monkeypatch.setattr(os, "access", lambda folder, mode: (folder, mode) != (tmp_path, os.W_OK))
    assert Store(path, create=False).load().records == (RECORD,)
    assert {entry: entry.read_bytes() for entry in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("status", "expected", "unexpected"),
    [
        ("pass", None, False), ("fail", None, True), ("crash", None, True), ("timeout", None, True),
        ("blocked", None, True), ("unsupported", None, False), ("missing", None, False),
        ("fail", True, False), ("pass", False, True), ("unsupported", False, True),
    ],
)  # fmt: skip
def test_what_the_exit_code_must_tell(status: str, expected: bool | None, unexpected: bool) -> None:
    """Strict both ways."""
    assert replace(RECORD, status=status, expected=expected).unexpected is unexpected
