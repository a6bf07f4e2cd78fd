"""wazero from the Go proxy: a Go host of ours, cached by its sources; its compiler and its interpreter are modes."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.pins import Pin
from runners.runtime import InstallError, Log, Source, State, Target
from runners.switches import Switch
from runners.wazero import build

__all__ = ["OLDEST", "WAZERO"]

OLDEST = (1, 8)
"""The first release with `experimental.WithImportResolver`, by which our host links."""

_EXPERIMENTAL = {
    "threads": "Threads",
    "tail-call": "TailCall",
    "extended-const": "ExtendedConst",
    "exceptions": "ExceptionHandling",
    "function-references": "TypedFunctionReferences",
}
"""By feature, the end of its name in wazero's package `experimental`. All are on in our runner."""


class _Wazero:
    name = "wazero"
    versions: ClassVar[Mapping[str, str]] = {"1.12": "1.12.0"}
    sources = (Source("Go proxy", "github.com/tetratelabs/wazero"),)
    open_versions = True
    modes = ("compiler", "interpreter")
    is_browser = False
    death_signal = signal.SIGKILL

    def _pin(self, version: str) -> Pin:
        return Pin(self.name, version, self.sources[0], build.lock_go)

    def _lock(self, version: str) -> Path | None:
        """The folder with the lock of that version; None where it is not known yet which release it is."""
        if version in self.versions:
            return build.HOST
        pin = self._pin(version)
        return pin.folder if pin.release else None

    def state(self, target: Target) -> State:
        version = target.version or ""
        if too_old := _too_old(version):
            return State("missing", too_old)
        lock = self._lock(version)
        release = self.versions.get(version) or self._pin(version).release or f"{version} (its newest release)"
        if lock and build.built(lock):
            return State("ready", f"wazero {release} ({target.mode}), our Go host")
        if needs := build.needs():
            return State("missing", needs)
        return State("installable", f"build our Go host of wazero {release} (up to a minute, once)")

    def install(self, target: Target, log: Log) -> None:
        version = target.version or ""
        if too_old := _too_old(version):
            raise InstallError(too_old)
        if needs := build.needs():
            raise InstallError(needs)
        if version not in self.versions:
            self._pin(version).write(log)
        lock = self._lock(version)
        assert lock
        build.build(lock, log)

    def command(self, target: Target) -> list[str]:
        lock = self._lock(target.version or "")
        program = build.built(lock) if lock else None
        assert program
        return [str(program), "-engine", target.mode or "compiler"]

    def switches(self, target: Target) -> dict[str, Switch]:
        command = self.command(target)
        flags = {feature: f"experimental.CoreFeatures{end}" for feature, end in _EXPERIMENTAL.items()}
        return {feature: Switch(flag, command) for feature, flag in flags.items()}

    def defaults(self, target: Target) -> list[str]:
        return [*self.command(target), "-defaults"]


def _too_old(version: str) -> str | None:
    """Why our host cannot be built with that version, in one line; None where it can."""
    if tuple(int(part) for part in f"{version}.{OLDEST[1]}".split(".")[:2]) >= OLDEST:
        return None
    return f"wazero {version}: the oldest that our host can be built with is {'.'.join(map(str, OLDEST))}"


WAZERO = _Wazero()
