"""A JavaScript runtime that is one executable out of npm: deno.py and bun.py say which, and how it is started."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runners.javascript.packages import Binary
from runners.runtime import Log, Source, State, Target

__all__ = ["Packaged"]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Packaged:
    """`places`: the executable below `node_modules`, by the name of the machine; `host`: our program, beside this file;
    `arguments` stand between the two; `environment` is added to the runner's.
    """

    name: str
    versions: Mapping[str, str]
    source: Source
    places: Mapping[str, str]
    host: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] | None = None
    modes: Sequence[str] = ()
    is_browser: bool = False
    open_versions: bool = False
    death_signal: signal.Signals = signal.SIGKILL

    def _binary(self, target: Target) -> Binary:
        return Binary(target.name, f"{self.name} {self.versions[target.version or '']}", self.places)

    def state(self, target: Target) -> State:
        return self._binary(target).state()

    def install(self, target: Target, log: Log) -> None:
        self._binary(target).install(log)

    def command(self, target: Target) -> list[str]:
        variables = [f"{name}={value}" for name, value in (self.environment or {}).items()]
        program = [str(self._binary(target).path), *self.arguments, str(_HERE / self.host)]
        return ["env", *variables, *program] if variables else program
