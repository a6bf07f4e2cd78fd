"""The pytest plug-in: a cell is an item. `pytest matrix.yaml -k barrier -n 2 --lf --junit-xml=…` just works.

Under pytest-xdist the cells of one target stay in one worker, in order, so that its runner or browser starts once.
Heavy imports wait until a matrix is really collected: the plug-in is loaded in every pytest of the environment.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    from conformance.execute import Executor
    from conformance.plan import Cell
    from conformance.settings import Matrix, Settings
    from conformance.store import Record

__all__ = ["CellFailed", "CellItem", "MatrixFile", "hello_of", "record_of"]

# What a report carries. Not as user_properties: those travel twice, with the tear-down's report too, and go into JUnit.
_RECORD, _HELLO = "wasm_matrix_record", "wasm_matrix_hello"
_EXECUTOR = pytest.StashKey["Executor"]()
_SAID = pytest.StashKey["set[str]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("wasm-matrix", "the compatibility matrix of WebAssembly")
    group.addoption(
        "--matrix-settings", metavar="JSON", help="what `wasm-matrix run` was asked for; it sets this itself"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> MatrixFile | None:
    if file_path.name == "matrix.yaml" or file_path in _matrices(parent.config):
        return MatrixFile.from_parent(parent, path=file_path)
    return None


def _matrices(config: pytest.Config) -> list[Path]:
    """Those of the files given to pytest that are a matrix: in `wasm-matrix run` whatever their names."""
    folder, is_ours = config.invocation_params.dir, config.getoption("--matrix-settings") is not None
    given = [(folder / argument).resolve() for argument in config.args if "::" not in argument]
    return [path for path in given if is_ours or path.suffix == ".yaml"]


class CellFailed(Exception):
    """A cell did not end as it should; holds its record."""

    def __init__(self, record: Record) -> None:
        super().__init__(record.id)
        self.record = record


class MatrixFile(pytest.File):
    """A matrix.yaml."""

    def collect(self) -> Iterator[CellItem]:
        from conformance.config import ConfigError
        from conformance.settings import Matrix, Settings
        from modules.table import TableError

        settings = Settings.of(self.config.getoption("--matrix-settings"))
        try:
            matrix = Matrix(self.path, settings.files)
            cells = matrix.cells(settings)
        except (ConfigError, TableError) as error:
            raise self.CollectError(str(error)) from error
        for cell in cells:
            # Given whole: pytest takes a name with a bracket in it apart, and --lf would not find it again.
            nodeid = f"{self.nodeid}::{cell.id}"
            yield CellItem.from_parent(self, name=cell.id, nodeid=nodeid, cell=cell, matrix=matrix, settings=settings)


class CellItem(pytest.Item):
    """A cell of the matrix."""

    def __init__(self, *, cell: Cell, matrix: Matrix, settings: Settings, **rest: Any) -> None:
        super().__init__(**rest)
        self.cell, self.matrix, self.settings = cell, matrix, settings
        self.record: Record | None = None
        self.hello: dict[str, Any] | None = None

    def runtest(self) -> None:
        from conformance.execute import as_json, record
        from runners.switches import switched
        from runners.targets import runtime_of

        executor = self._executor()
        verdict, overhead = executor.run(self.cell)
        self.record = record(self.cell, verdict, overhead, self.matrix.config)
        said = self.config.stash.setdefault(_SAID, set())
        if self.cell.target.name not in said and (hello := executor.hello(self.cell.target)):
            said.add(self.cell.target.name)
            target = self.cell.target
            self.hello = as_json(hello, switched(runtime_of(target), target, hello))
        if self.record.unexpected:
            raise CellFailed(self.record)
        if self.record.status in ("unsupported", "missing") and self.record.expected is None:
            pytest.skip(f"{self.record.cause}: {self.record.detail.get('reason', '')}")

    def _executor(self) -> Executor:
        from conformance.execute import Executor
        from runners.installation import Progress

        if _EXECUTOR not in self.config.stash:
            progress = Progress(Path(self.settings.progress)) if self.settings.progress else None
            settings = self.settings
            self.config.stash[_EXECUTOR] = Executor(
                self.matrix.config, self.matrix.table, progress, settings.repeat, settings.until_fail, settings.stress
            )
        return self.config.stash[_EXECUTOR]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, CellFailed):
            from conformance.report.text import explain_record

            return explain_record(excinfo.value.record)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if isinstance(item, CellItem) and call.when == "call" and item.record is not None:
        record = item.record
        setattr(report, _RECORD, json.dumps(vars(record)))
        if item.hello is not None:
            setattr(report, _HELLO, json.dumps(item.hello))
        if record.expected and record.status != "pass":
            report.outcome = "skipped"
            report.wasxfail = record.reason or ""
    return report


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    if not _matrices(config):
        return None
    from xdist.scheduler import LoadScopeScheduling

    class TargetScheduling(LoadScopeScheduling):  # type: ignore[misc]
        """One worker takes all cells of a target, in the order in which they were collected."""

        def __init__(self) -> None:
            config.option.loadscopereorder = False
            super().__init__(config, log)

        def _split_scope(self, nodeid: str) -> str:
            return nodeid.rpartition("@")[2]

    return TargetScheduling()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _EXECUTOR in config.stash:
        config.stash[_EXECUTOR].close()


def record_of(report: pytest.TestReport) -> Record | None:
    """The record that a report carries, in the process that gathers them."""
    from conformance.store import Record

    text = getattr(report, _RECORD, None)
    if text is None:
        return None
    data = json.loads(text)
    return Record(**{**data, "also": tuple(data["also"])})


def hello_of(report: pytest.TestReport) -> dict[str, Any] | None:
    """The first word of a runner that a report carries."""
    text = getattr(report, _HELLO, None)
    said: dict[str, Any] | None = None if text is None else json.loads(text)
    return said
