"""What one run of a matrix was asked for: it travels as text from the command line to pytest and its workers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.case import Case
from conformance.cases import CASES
from conformance.config import ConfigError, MatrixConfig, load_config
from conformance.own import own_cases, own_modules
from conformance.plan import Cell, plan
from conformance.snapshot import Snapshot
from headers_server.suggestions import meant
from modules.table import Table
from modules.table import load as load_table

__all__ = ["Matrix", "Settings"]


@dataclass(frozen=True)
class Settings:
    """`targets`: their names in the order in which to run them (empty: all of matrix.yaml, in its order);
    `cases`: patterns; `progress`: the file of an installation that runs beside; `files`: the content (sha256) that the
    user's own files had when the run began, by their path; `repeat`: how often each cell is asked (without: as its
    case says), with `until_fail` up to the first time that it does not pass; `stress`: of runners.stress.KINDS."""

    targets: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    progress: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    repeat: int | None = None
    until_fail: bool = False
    stress: tuple[str, ...] = ()

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str | None) -> Settings:
        data = json.loads(text) if text else {}
        return cls(**{**data, **{key: tuple(data[key]) for key in ("targets", "cases", "stress") if key in data}})


class Matrix:
    """A matrix.yaml with its cases and modules, the suite's and the user's own, read once.

    `files` are as in Settings. Raises ConfigError, TableError.
    """

    def __init__(self, path: Path, files: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.config: MatrixConfig = load_config(path)
        for index, pattern in enumerate(self.config.cases):
            if isinstance(pattern, str) and (fault := _unmatched(pattern, CASES)):
                raise ConfigError(f"{self.config.at('cases', index)}: {fault}")
        self._snapshot = Snapshot(self.config.folder, files)
        table = load_table()
        own = own_modules(self.config, table, self._snapshot)
        self.table: Table = replace(table, modules={**table.modules, **own})
        self.cases = [*CASES, *own_cases(self.config, CASES, self.table, self._snapshot)]

    @property
    def files(self) -> Mapping[str, str]:
        """What was read of the user's own files, for the Settings of other processes."""
        return self._snapshot.taken

    def cells(self, settings: Settings) -> list[Cell]:
        """The cells of a run, target by target. A target that matrix.yaml does not name may be asked for too.

        Raises ConfigError for a pattern of `settings.cases` that matches no case at all.
        """
        for pattern in settings.cases:
            if fault := _unmatched(pattern, self.cases):
                raise ConfigError(fault)
        cells = plan(self.config, self.cases, self.table, self.config.chosen(settings.targets))
        if settings.cases:
            cells = [cell for cell in cells if any(fnmatchcase(cell.case.id, pattern) for pattern in settings.cases)]
        return cells


def _unmatched(pattern: str, cases: Sequence[Case]) -> str | None:
    """What is wrong with a pattern of cases that matches none, and which one was perhaps meant."""
    if any(fnmatchcase(case.id, pattern) for case in cases):
        return None
    known = {name for case in cases for name in (f"{case.id.partition('/')[0]}/*", case.id)}
    return f"no case matches {pattern!r}{meant(pattern, known) or '; `wasm-matrix list cases` shows all'}"
