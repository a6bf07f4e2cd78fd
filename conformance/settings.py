"""What one run of a matrix was asked for: it travels as text from the command line to pytest and its workers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.cases import CASES
from conformance.config import MatrixConfig, load_config
from conformance.plan import Cell, plan
from modules.table import Table
from modules.table import load as load_table

__all__ = ["Matrix", "Settings"]


@dataclass(frozen=True)
class Settings:
    """`targets`: their names in the order in which to run them (empty: all of matrix.yaml, in its order);
    `cases`: patterns; `progress`: the file of an installation that runs beside."""

    targets: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    progress: str | None = None

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str | None) -> Settings:
        data = json.loads(text) if text else {}
        return cls(tuple(data.get("targets", ())), tuple(data.get("cases", ())), data.get("progress"))


class Matrix:
    """A matrix.yaml with its cases and modules, read once. Raises ConfigError, TableError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config: MatrixConfig = load_config(path)
        self.table: Table = load_table()
        self.cases = CASES

    def cells(self, settings: Settings) -> list[Cell]:
        """The cells of a run, target by target. A target that matrix.yaml does not name may be asked for too."""
        config = self.config
        if settings.targets:
            config = config.model_copy(update={"targets": settings.targets})
        cells = plan(config, self.cases, self.table)
        if settings.cases:
            cells = [cell for cell in cells if any(fnmatchcase(cell.case.id, pattern) for pattern in settings.cases)]
        return cells
