"""What a run shows while it goes, and where its cells go: into the store, one by one, as they finish."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from conformance.plugin import hello_of, record_of
from conformance.store import Store, StoreError

__all__ = ["Reporter"]

_EVERY = 5.0  # seconds between lines where there is no terminal


class Reporter:
    """A pytest plug-in of the process that gathers the reports. `trouble` is what went wrong outside of the cells."""

    def __init__(self, store: Store, run: str) -> None:
        self._store, self._run, self._planned = store, run, 0
        self._running: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._began = self._last = time.monotonic()
        self._console = Console(stderr=True)
        self._live = self._console.is_terminal
        self._bar = Progress(
            TextColumn("[bold]{task.completed:.0f}[/] of {task.total:.0f} cells"), BarColumn(bar_width=24), TimeElapsedColumn(),
            TextColumn("to go"), TimeRemainingColumn(), TextColumn("{task.description}"), console=self._console,
        )  # fmt: skip
        self._task = self._bar.add_task("starting", total=None)
        self.trouble = ""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        # pytest's own letters and percentages give way to ours.
        terminal = config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:
            terminal._tw._file = _Nothing()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:
        if self._live:
            self._bar.start()
        try:
            return (yield)
        finally:
            self._bar.stop()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.items:
            self._plan([item.nodeid for item in session.items])

    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:  # noqa: ARG002
        self._plan(ids)

    def _plan(self, nodes: list[str]) -> None:
        if len(nodes) != self._planned:
            self._planned = len(nodes)
            self._bar.update(self._task, total=self._planned)
            self._store.plan(self._run, [_cell_id(node) for node in nodes])

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        cell = _cell_id(nodeid)
        self._running[cell.rpartition("@")[2]] = cell
        self._show()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            if report.failed:
                self.trouble = f"{report.nodeid}: {report.longrepr}"
            return
        record = record_of(report)
        if record is None:
            if report.failed:
                self.trouble = f"{_cell_id(report.nodeid)}: the suite itself failed:\n{report.longreprtext}"
            return
        if hello := hello_of(report):
            self._store.target(self._run, record.target, hello)
        self._store.cell(self._run, record)
        self._running.pop(record.target, None)
        self._counts["unexpected" if record.unexpected else "expected " + record.status if record.expected and record.status != "pass" else record.status] += 1
        self._bar.advance(self._task)
        if self._live and record.unexpected:
            self._bar.console.print(f"[red]{record.status}[/] {record.id}: {record.cause}", highlight=False)
        self._show()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = str(report.longrepr)

    def pytest_internalerror(self, excrepr: Any, excinfo: Any) -> None:
        if isinstance(excinfo.value, StoreError):
            self.trouble = str(excinfo.value)
        else:
            self.trouble = f"the suite itself failed: {excrepr}"

    def _show(self) -> None:
        done = ", ".join(f"{count} {status}" for status, count in sorted(self._counts.items(), key=lambda pair: -pair[1]))
        if self._live:
            self._bar.update(self._task, description=f"{done}  [dim]{' '.join(sorted(self._running.values()))}[/]")
            return
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            finished = sum(self._counts.values())
            rest = (now - self._began) / finished * (self._planned - finished) if finished else 0.0
            print(
                f"{now - self._began:5.0f} s  {finished} of {self._planned} cells, about {rest:.0f} s to go: {done};"
                f" running {', '.join(sorted(self._running.values())) or 'nothing'}", file=sys.stderr, flush=True,
            )  # fmt: skip


def _cell_id(nodeid: str) -> str:
    return nodeid.partition("::")[2]


class _Nothing:
    """Where pytest's own progress goes."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False
