"""Carries out cells in this process: keeps one session a target, and makes of what came out what is stored."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from conformance import native
from conformance.case import Script
from conformance.cases.parallel import TOGETHER
from conformance.config import MatrixConfig
from conformance.plan import Cell
from conformance.repeat import repeated
from conformance.store import Record
from conformance.verdict import Verdict, absent, judge, missing
from conformance.wire import resolve
from modules.table import Module, Table
from runners.features import digest
from runners.installation import Progress
from runners.observation import Hello, Observation
from runners.provision import cache_folder
from runners.runtime import Target
from runners.session import RunnerFailed, Session, encode
from runners.stress import pinned, shaken
from runners.switches import Switched
from runners.targets import runtime_of, session_of

__all__ = ["Executor", "as_json", "record"]

_FAILED_STARTS = 3  # a runner that does not start this often is not tried again in a run


class Executor:
    """Runs cells one after the other; a target's runner stays up until a cell of another target comes.

    `installing` is the progress of an installation that runs beside; its targets are waited for. `repeat`,
    `until_fail` and `stress` are as in Settings (`busy` is the affair of whoever starts hosts side by side).
    """

    def __init__(
        self, config: MatrixConfig, table: Table, installing: Progress | None = None, repeat: int | None = None,
        until_fail: bool = False, stress: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._config, self._table, self._installing = config, table, installing
        self._repeat, self._until_fail, self._stress = repeat, until_fail, tuple(stress)
        self._blobs = cache_folder("data")
        self._scripts: dict[tuple[str, str | None], tuple[Script, bytes]] = {}
        self._target: Target | None = None
        self._session: Session | None = None
        self._compiling = 0.0
        self._compiled: set[tuple[str, str]] = set()
        self._gone: dict[str, tuple[int, Verdict]] = {}
        self._alone: dict[str, Verdict | None] = {}
        self._native: dict[tuple[str, str, int], float | None] = {}

    def run(self, cell: Cell) -> tuple[Verdict, float]:
        """The verdict on a cell and what the suite took beside the runner's own time (s), both of one repeat."""
        began = time.perf_counter()
        asked = self._repeat or cell.case.repeats
        verdicts: list[Verdict] = []
        while len(verdicts) < asked:
            with self._place():
                verdicts.append(self._verdict(cell))
            status = verdicts[-1].status
            if status in ("missing", "unsupported") or (self._until_fail and status != "pass"):
                break
            if status == "timeout" and self._repeat is None:
                break  # nobody has asked to wait for a deadline again and again
        beside = time.perf_counter() - began - sum(verdict.seconds for verdict in verdicts)
        verdict = repeated(verdicts, asked)
        if self._stress and verdict.status not in ("missing", "unsupported"):
            verdict = replace(verdict, detail={"stress": " ".join(self._stress), **verdict.detail})
        return verdict, max(0.0, beside / len(verdicts))

    def hello(self, target: Target) -> Hello | None:
        """What the target's runner said of itself, if it is up."""
        if self._session is None or target != self._target:
            return None
        try:
            with self._place():  # it may have to start
                return self._session.hello()
        except RunnerFailed:
            return None

    def _place(self) -> AbstractContextManager[None]:
        return pinned() if "one-core" in self._stress else nullcontext()

    def close(self) -> None:
        session, self._session, self._target = self._session, None, None
        if session is not None:
            session.close()

    def _verdict(self, cell: Cell) -> Verdict:
        if cell.absence is not None:
            return absent(cell.absence.cause, cell.absence.reason)
        starts, last = self._gone.get(cell.target.name, (0, None))
        if last is not None and (starts >= _FAILED_STARTS or last.cause != "missing/start"):
            return last
        features = [*(cell.module.features if cell.module else ()), *cell.case.features]
        try:
            session = self._of(cell.target)
            if isinstance(session, Verdict):
                self._gone[cell.target.name] = (1, session)
                return session
            hello = session.hello()
            if any(feature not in hello.features for feature in features):
                return judge([], Observation("done"), hello, features, cell.target.profile)
            script, wire = self._script(cell)
            if _most_workers(script) > 1 and (alone := self._one_after_the_other(cell.target, session)):
                return alone
            if self._compiling and cell.module is not None:
                self._compile(cell.target, cell.module, session)
            session.said()  # a crash before may have ended it
            assert session.pid is not None
            with shaken(session.pid) if "yields" in self._stress else nullcontext():
                observation = session.run(wire, self._config.deadline or cell.case.deadline)
        except RunnerFailed as error:
            verdict = missing("missing/start", f"the runner of {cell.target.name} {error}", error.stderr[-2000:])
            self._gone[cell.target.name] = (starts + 1, verdict)
            return verdict
        verdict = judge(script, observation, hello, features, cell.target.own_profile or cell.target.profile)
        if "speedup" in verdict.detail and (gain := self._native_gain(cell, _most_workers(script))):
            verdict = replace(verdict, detail={**verdict.detail, "native": round(gain, 3)})
        return verdict

    def _compile(self, target: Target, module: Module, session: Session) -> None:
        """What takes long to compile is compiled before the clock of its first cell runs; what fails, cells tell."""
        if (target.name, module.id) not in self._compiled:
            self._compiled.add((target.name, module.id))
            script = [{"type": "module", "module": "$module"}]
            session.run(resolve(script, module, self._table.modules, self._blobs), self._compiling)

    def _one_after_the_other(self, target: Target, session: Session) -> Verdict | None:
        """The verdict on all that spawns several workers, where the target runs one after the other; asked once.

        Whatever they compute: an answer of threads that are none says nothing of threads.
        """
        if target.name not in self._alone:
            verdict = None
            for module in self._table.serving(TOGETHER.job):
                script = TOGETHER.build(module)
                observation = session.run(resolve(script, module, self._table.modules, self._blobs), TOGETHER.deadline)
                verdict = judge(script, observation, session.hello(), (), target.own_profile or target.profile)
            fallback = verdict is not None and verdict.cause == "fallback/single-thread"
            self._alone[target.name] = verdict if fallback else None
        return self._alone[target.name]

    def _native_gain(self, cell: Cell, workers: int) -> float | None:
        """What so many native threads gain at its job, measured when a target first asks: the load changes in a run."""
        key = cell.target.name, cell.case.job, workers
        if key not in self._native and cell.case.job in native.SIZES:
            self._native[key] = native.speedup(cell.case.job, workers)
        return self._native.get(key)

    def _of(self, target: Target) -> Session | Verdict:
        if self._session is not None and self._target == target:
            return self._session
        self.close()
        state = runtime_of(target).state(target)
        if state.kind == "installable" and self._installing is not None:
            if failure := self._installing.wait(target.name):
                return missing("missing/build", failure)
            state = runtime_of(target).state(target)
        if state.kind == "unsupported":
            return absent("unsupported/profile", state.say)
        if state.kind != "ready":
            hint = f"not set up: run `wasm-matrix setup {target.name}`" if state.kind == "installable" else state.say
            return missing("missing/runtime", hint)
        self._session, self._target = session_of(target, self._config.memory_limit << 20), target
        self._compiling = state.compiling
        return self._session

    def _script(self, cell: Cell) -> tuple[Script, bytes]:
        key = cell.case.id, cell.module.id if cell.module else None
        if key not in self._scripts:
            script = cell.case.build(cell.module)
            wire = encode(resolve(script, cell.module, self._table.modules, self._blobs))
            # What was written is not needed to judge; megabytes of it would stay for the whole run.
            judged = [{name: value for name, value in command.items() if name != "data"} for command in script]
            self._scripts[key] = judged, wire
        return self._scripts[key]


def _most_workers(script: Script) -> int:
    return max((command["workers"] for command in script if command.get("type") == "spawn"), default=0)


def record(cell: Cell, verdict: Verdict, overhead: float, config: MatrixConfig) -> Record:
    """The cell as it is stored: its verdict held against the expectations of matrix.yaml.

    The last expectation that chooses the cell counts; a flaky cell is as expected when that is intermittent and fits
    every way in which it failed. Of a cell that could not be asked (no runtime, no module) nothing is expected.
    """
    expected, reason, link = None, None, None
    endings = verdict.failures or ((verdict.status, verdict.cause),)
    for expectation in config.expectations:
        if expectation.chooses(cell.case.id, cell.label, cell.target.name, cell.target.profile):
            expected = (expectation.intermittent or verdict.status != "flaky") and all(
                expectation.fits(*ending) for ending in endings
            )
            reason, link = expectation.reason, expectation.link
            if expectation.intermittent and verdict.status == "pass":
                expected = reason = link = None
            if verdict.status == "unsupported" != expectation.status:
                expected = reason = link = None  # it was not asked
    if verdict.status == "missing" or cell.absence is not None:
        expected = reason = link = None
    return Record(
        id=cell.id, case=cell.case.id, title=cell.case.title, language=cell.language, variant=cell.variant,
        label=cell.label, target=cell.target.name, profile=cell.target.profile,
        status=verdict.status, cause=verdict.cause, also=verdict.also,
        expected=expected, reason=reason, link=link, detail=verdict.detail,
        seconds=round(verdict.seconds, 6), call_seconds=round(verdict.call_seconds, 6), overhead=round(overhead, 6),
    )  # fmt: skip


def as_json(hello: Hello, switched: Mapping[str, Switched]) -> dict[str, Any]:
    """A hello as the store keeps it: docs/report-json.md, `run.targets`."""
    probes: dict[str, dict[str, Any]] = {name: asdict(finding) for name, finding in hello.findings.items()}
    for name, other in switched.items():
        probes[name] |= {"flag": other.flag, "with_flag": asdict(other.finding)}
    return {
        "runtime": hello.runtime,
        "version": hello.version,
        "features": sorted(hello.features),
        "facts": dict(hello.facts),
        "probes": probes,
        "probe_set": digest(),
        "probed": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
