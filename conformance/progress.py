"""What a run shows while it goes, and where its cells go: into the store, one by one, as they finish."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from conformance.plugin import hello_of, record_of
from conformance.report.summary import ending
from conformance.settings import Settings
from conformance.store import Store, StoreError
from runners.installation import Progress

__all__ = ["Reporter"]

_EVERY = 5.0  # seconds between lines where there is no terminal
_QUIET = 30.0  # seconds between them while nothing ends
_SLOW = 2.0  # seconds after which a running cell shows how long it has been at it
_INSTALLING = {"waiting": "waits to be installed", "installing": "is being installed"}


class Reporter:
    """A pytest plug-in of the process that gathers the reports. `trouble` is what went wrong outside of the cells.

    In a terminal it keeps a few lines up to date (in a thread of its own, so cells do not wait for them), elsewhere it
    writes a line now and then. Both go to standard error, or to `console`.
    """

    def __init__(self, store: Store, run: str, console: Console | None = None) -> None:
        self._store, self._run, self._planned = store, run, 0
        self._running: dict[str, tuple[str, float]] = {}
        self._counts: Counter[str] = Counter()
        self._began = self._last = time.monotonic()
        self._console = console or Console(stderr=True)
        self._installing: Progress | None = None
        self._live = (
            Live(get_renderable=self.lines, console=self._console, transient=True)
            if self._console.is_terminal
            else None
        )
        self.trouble = ""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        if beside := Settings.of(config.getoption("--matrix-settings")).progress:
            self._installing = Progress(Path(beside))
        # pytest's own letters and percentages give way to ours.
        terminal = config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:
            terminal._tw._file = _Nothing()  # noqa: SLF001 (pytest has no public way)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:  # noqa: ARG002
        over = threading.Event()
        if self._live:
            self._live.start()
        else:
            threading.Thread(target=self._say_while_waiting, args=(over,), daemon=True).start()
        try:
            return (yield)
        finally:
            over.set()
            if self._live:
                self._live.stop()

    def _say_while_waiting(self, over: threading.Event) -> None:
        """A line now and then while no cell ends: a runtime may take minutes to be built."""
        while not over.wait(_QUIET):
            self._say()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.items:
            self._plan([item.nodeid for item in session.items])

    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:  # noqa: ARG002
        self._plan(ids)

    def _plan(self, nodes: list[str]) -> None:
        if len(nodes) != self._planned:
            self._planned = len(nodes)
            self._store.plan(self._run, [_cell_id(node) for node in nodes])

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:  # noqa: ARG002
        name, _, target = _cell_id(nodeid).rpartition("@")
        self._running[target] = name, time.monotonic()

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
        known = record.expected and record.status != "pass"
        self._counts[
            "unexpected" if record.unexpected else f"{record.status} as expected" if known else record.status
        ] += 1
        if self._live is None:
            self._say()
        elif record.unexpected:
            self._console.print(
                Text(f"{ending(record)} {record.id}: {record.cause or record.reason}", "red"), soft_wrap=True
            )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = str(report.longrepr)

    def pytest_internalerror(self, excrepr: Any, excinfo: Any) -> None:
        if isinstance(excinfo.value, StoreError):
            self.trouble = str(excinfo.value)
        else:
            self.trouble = f"the suite itself failed: {excrepr}"

    def lines(self) -> Group:
        """What a terminal shows: how far and how long to go, what came out so far, what each target is at."""
        finished, now = sum(self._counts.values()), time.monotonic()
        head = Table.grid(padding=(0, 1))
        head.add_row(
            Text(f"{finished} of {self._planned or '…'} cells"),
            ProgressBar(max(self._planned, 1), finished, width=20),
            Text(f"{_clock(now - self._began)}, {self._rest(now)}", no_wrap=True, overflow="ellipsis"),
        )
        body = [Text(self._done(), no_wrap=True, overflow="ellipsis")] if finished else []
        running = self._at_work()
        width = max(map(len, running), default=0)
        for target, (what, since) in running.items():
            slow = f" ({now - since:.0f} s)" if now - since > _SLOW else ""
            body.append(Text(f"  {target:<{width}}  {what}{slow}", "dim", no_wrap=True, overflow="ellipsis"))
        return Group(head, *body)

    def _at_work(self) -> dict[str, tuple[str, float]]:
        """What each target is at, and since when (s); a cell that waits for its target's installation says so."""
        installing = self._installing.read()[1] if self._installing else {}
        return {
            target: (_INSTALLING.get(installing.get(target, ""), name), since)
            for target, (name, since) in sorted(self._running.copy().items())
        }

    def _done(self) -> str:
        return ", ".join(f"{count} {status}" for status, count in self._counts.copy().most_common())

    def _rest(self, now: float) -> str:
        finished = sum(self._counts.values())
        if not finished or not self._planned:
            return "starting"
        return f"about {_clock((now - self._began) / finished * (self._planned - finished))} to go"

    def _say(self) -> None:
        now = time.monotonic()
        if now - self._last < _EVERY:
            return
        self._last = now
        running = ", ".join(f"{target} {what}" for target, (what, _) in self._at_work().items())
        print(
            f"{_clock(now - self._began)}  {sum(self._counts.values())} of {self._planned} cells,"
            f" {self._rest(now)}: {self._done()}; running {running or 'nothing'}", file=sys.stderr, flush=True,
        )  # fmt: skip


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def _cell_id(nodeid: str) -> str:
    return nodeid.partition("::")[2]


class _Nothing:
    """Where pytest's own progress goes."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False
