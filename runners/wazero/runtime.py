"""wazero from the Go proxy: a Go host of ours, cached by its sources; its compiler and its interpreter are modes."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import ClassVar

from runners.runtime import Log, Source, State, Target
from runners.switches import Switch
from runners.wazero import build

__all__ = ["WAZERO"]

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
    source = Source("Go proxy", "github.com/tetratelabs/wazero")
    open_versions = False
    modes = ("compiler", "interpreter")
    is_browser = False
    death_signal = signal.SIGKILL

    def state(self, target: Target) -> State:
        release = self.versions[target.version or ""]
        if build.built(build.HOST):
            return State("ready", f"wazero {release} ({target.mode}), our Go host")
        if needs := build.needs():
            return State("missing", needs)
        return State("installable", f"build our Go host of wazero {release} (up to a minute, once)")

    def install(self, target: Target, log: Log) -> None:  # noqa: ARG002 (one program for both modes)
        build.build(build.HOST, log)

    def command(self, target: Target) -> list[str]:
        program = build.built(build.HOST)
        assert program
        return [str(program), "-engine", target.mode or "compiler"]

    def switches(self, target: Target) -> dict[str, Switch]:
        command = self.command(target)
        flags = {feature: f"experimental.CoreFeatures{end}" for feature, end in _EXPERIMENTAL.items()}
        return {feature: Switch(flag, command) for feature, flag in flags.items()}

    def defaults(self, target: Target) -> list[str]:
        return [*self.command(target), "-defaults"]


WAZERO = _Wazero()
