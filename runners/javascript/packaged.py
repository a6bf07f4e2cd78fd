"""A JavaScript runtime that is one executable out of npm: deno.py and bun.py say which, and how it is started."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runners.javascript.packages import LOCKS, Binary, OpenBinary, source_here
from runners.runtime import Log, Source, State, Target
from runners.switches import Switch

__all__ = ["Packaged"]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Packaged:
    """`places`: the executable below `node_modules`, by the name of the machine; `host`: our program, beside this file;
    `oldest`: the first version that it runs on; `arguments` stand between the two; `environment` is added to the
    runner's. `flags`: by feature, the argument or the variable (`NAME=1`) that turns it on.
    """

    name: str
    versions: Mapping[str, str]
    places: Mapping[str, str]
    host: str
    oldest: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    modes: Sequence[str] = ()
    open_versions: bool = True
    is_browser: bool = False
    death_signal: signal.Signals = signal.SIGKILL

    @property
    def sources(self) -> tuple[Source, ...]:
        return (source_here(self.places),)

    def _binary(self, target: Target) -> Binary | OpenBinary:
        version = target.version or ""
        if release := self.versions.get(version):
            return Binary(LOCKS / target.name, f"{self.name} {release}", self.places)
        return OpenBinary(self.name, version, self.places, self.oldest)

    def state(self, target: Target) -> State:
        return self._binary(target).state()

    def install(self, target: Target, log: Log) -> None:
        self._binary(target).install(log)

    def command(self, target: Target) -> list[str]:
        return self._with(target, [], self.arguments)

    def switches(self, target: Target) -> dict[str, Switch]:
        return {feature: Switch(flag, self._switched(target, flag)) for feature, flag in self.flags.items()}

    def defaults(self, target: Target) -> None:  # noqa: ARG002 (it runs as it comes)
        return None

    def _switched(self, target: Target, flag: str) -> list[str]:
        if not flag.startswith("-"):
            return self._with(target, [flag], self.arguments)
        name, _, value = flag.partition("=")
        if given := next((argument for argument in self.arguments if argument.startswith(f"{name}=")), None):
            # deno takes its --v8-flags once, with a comma between them.
            return self._with(target, [], [f"{a},{value}" if a == given else a for a in self.arguments])
        return self._with(target, [], [*self.arguments, flag])

    def _with(self, target: Target, variables: Sequence[str], arguments: Sequence[str]) -> list[str]:
        variables = [*(f"{name}={value}" for name, value in (self.environment or {}).items()), *variables]
        program = [str(self._binary(target).path), *arguments, str(_HERE / self.host)]
        return ["env", *variables, *program] if variables else program
