"""The store: one SQLite file with every run, its targets and its cells. A cell is durable as soon as it is finished."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

__all__ = ["Record", "Run", "Store", "StoreError", "cores", "machine"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY, started REAL NOT NULL, finished REAL, command TEXT NOT NULL, matrix TEXT NOT NULL,
    machine TEXT NOT NULL, columns TEXT NOT NULL, plan TEXT NOT NULL DEFAULT '[]', notes TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE IF NOT EXISTS target (
    run TEXT NOT NULL REFERENCES run(id), name TEXT NOT NULL, hello TEXT NOT NULL, PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cell (
    run TEXT NOT NULL REFERENCES run(id), id TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (run, id)
) WITHOUT ROWID;
"""
_VERSION = 1


class StoreError(Exception):
    """The store cannot be used; one line that says which file and what to do."""


@dataclass(frozen=True)
class Record:
    """One finished cell, as every report shows it.

    `expected` is None for a cell without an expectation, True where it ended as its expectation says (or was only
    supposed to pass, and did), False where it did not. `seconds` is the time inside the runner, `call_seconds` the
    part of it inside the module's code, `overhead` what the suite took beside `seconds`.
    """

    id: str
    case: str
    title: str
    language: str
    variant: str
    label: str
    target: str
    profile: str | None
    status: str
    cause: str | None = None
    also: tuple[str, ...] = ()
    expected: bool | None = None
    reason: str | None = None
    link: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    call_seconds: float = 0.0
    overhead: float = 0.0

    @property
    def unexpected(self) -> bool:
        """Whether the exit code must tell of it."""
        if self.expected is not None:
            return not self.expected
        return self.status in ("fail", "flaky", "crash", "timeout", "blocked")


@dataclass(frozen=True)
class Run:
    """One execution of a matrix. `started` and `finished` in seconds since the epoch (finished None: it was cut off).

    `columns` are its targets in the order of matrix.yaml, `plan` the ids of all cells that it was to run, `targets`
    what each runner said of itself, `records` the finished cells in the order of the plan.
    """

    id: str
    started: float
    finished: float | None
    command: str
    matrix: str
    machine: Mapping[str, Any]
    columns: tuple[str, ...]
    plan: tuple[str, ...]
    notes: tuple[str, ...]
    targets: Mapping[str, Mapping[str, Any]]
    records: tuple[Record, ...]


class Store:
    """Opened for writing by the one process that runs a matrix, and for reading by reports."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        if not create and not path.is_file():
            raise StoreError(f"{path}: no such store; run `wasm-matrix run` first, or name another with --store")
        try:
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(_address(path, create=create), uri=True, isolation_level=None, timeout=30)
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, _VERSION):
                raise StoreError(
                    f"{path}: written by another version of the suite ({version}, not {_VERSION}); "
                    "name a new one with --store"
                )
            if create:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
                self._db.executescript(_SCHEMA)
                self._db.execute(f"PRAGMA user_version={_VERSION}")
            elif not version:
                raise StoreError(f"{path}: holds no run yet; run `wasm-matrix run` first")
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: cannot be used as a store: {error}") from error

    def close(self) -> None:
        self._db.close()

    def begin(self, command: str, matrix: str, columns: Sequence[str]) -> str:
        """A new run; its id is the time it started, in UTC."""
        started = time.time()
        base = datetime.fromtimestamp(started, UTC).strftime("%Y%m%d-%H%M%S")
        for number in range(100):
            run = base if not number else f"{base}-{number}"
            try:
                self._write(
                    "INSERT INTO run (id, started, command, matrix, machine, columns) VALUES (?, ?, ?, ?, ?, ?)",
                    (run, started, command, matrix, json.dumps(machine()), json.dumps(columns)),
                )
                return run
            except sqlite3.IntegrityError:
                continue
        raise StoreError(f"{self.path}: cannot find a free run id for {base}")

    def plan(self, run: str, cells: Sequence[str]) -> None:
        """The ids of all cells that the run is to carry out."""
        self._write("UPDATE run SET plan = ? WHERE id = ?", (json.dumps(cells), run))

    def target(self, run: str, name: str, hello: Mapping[str, Any]) -> None:
        """What a target's runner said of itself."""
        self._write("INSERT OR REPLACE INTO target VALUES (?, ?, ?)", (run, name, json.dumps(hello)))

    def cell(self, run: str, record: Record) -> None:
        self._write("INSERT OR REPLACE INTO cell VALUES (?, ?, ?)", (run, record.id, json.dumps(asdict(record))))

    def forget(self, run: str) -> None:
        """Deletes a run in which nothing was asked."""
        for table, key in (("cell", "run"), ("target", "run"), ("run", "id")):
            self._write(f"DELETE FROM {table} WHERE {key} = ?", (run,))  # noqa: S608  (names of ours)

    def finish(self, run: str, notes: list[str]) -> Run:
        """The run is over; gives it as it is stored."""
        self._write("UPDATE run SET finished = ?, notes = ? WHERE id = ?", (time.time(), json.dumps(notes), run))
        return self.load(run)

    def runs(self) -> Iterator[tuple[str, float]]:
        """(id, started) of all runs, newest first."""
        yield from self._db.execute("SELECT id, started FROM run ORDER BY started DESC, id DESC")

    def load(self, run: str | None = None) -> Run:
        """A run with all its cells; the newest without an id. Raises StoreError."""
        try:
            return self._load(run)
        except (sqlite3.Error, ValueError, LookupError, TypeError) as error:
            raise StoreError(
                f"{self.path}: the run cannot be read: {type(error).__name__}: {error}; damaged, or of another version"
                " of the suite: name another run or store"
            ) from error

    def _load(self, run: str | None) -> Run:
        newest = next(self.runs(), None)
        if newest is None:
            raise StoreError(f"{self.path}: holds no run yet; run `wasm-matrix run` first")
        row = self._db.execute(
            "SELECT id, started, finished, command, matrix, machine, columns, plan, notes FROM run WHERE id = ?",
            (run or newest[0],),
        ).fetchone()
        if row is None:
            known = ", ".join(name for name, _ in list(self.runs())[:5])
            raise StoreError(f"{self.path}: no run {run!r}; the newest are {known}")
        key, started, finished, command, matrix, fingerprint, columns, plan, notes = row
        targets = self._db.execute("SELECT name, hello FROM target WHERE run = ?", (key,))
        place = {cell: number for number, cell in enumerate(json.loads(plan))}
        records = [_record(text) for (text,) in self._db.execute("SELECT record FROM cell WHERE run = ?", (key,))]
        return Run(
            id=key, started=started, finished=finished, command=command, matrix=matrix, machine=json.loads(fingerprint),
            columns=tuple(json.loads(columns)), plan=tuple(place), notes=tuple(json.loads(notes)),
            targets={name: json.loads(hello) for name, hello in targets},
            records=tuple(sorted(records, key=lambda record: place.get(record.id, len(place)))),
        )  # fmt: skip

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        try:
            self._db.execute(statement, values)
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: cannot be written: {error}; cells finished before are kept") from error


def _address(path: Path, *, create: bool) -> str:
    """The file for SQLite; to be read where nothing can be written, as it is, without a journal beside it."""
    frozen = not create and not os.access(path.parent, os.W_OK)
    return path.resolve().as_uri() + ("?immutable=1" if frozen else "")


def _record(text: str) -> Record:
    data = json.loads(text)
    data["also"] = tuple(data["also"])
    if "threads" in data["detail"]:  # what older runs called either of two things
        threads = data["detail"].pop("threads")
        data["detail"]["threads_work" if isinstance(threads, bool) else "most_threads"] = threads
    return Record(**data)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, Any]:
    """The fingerprint that stands beside times: without it they mean nothing."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": cores(),
        "memory_mib": psutil.virtual_memory().total >> 20,
        "python": platform.python_version(),
    }


def _processor() -> str:
    with_name = Path("/proc/cpuinfo")
    if with_name.is_file():
        for line in with_name.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
