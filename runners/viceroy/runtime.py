"""Viceroy, the local runtime of Fastly Compute: built from crates.io with Rust, once, into the cache."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import ClassVar

from runners.cargo import CargoProgram
from runners.provision import launcher
from runners.runtime import Log, Source, State, Target

__all__ = ["VICEROY"]


class _Viceroy:
    name = "viceroy"
    versions: ClassVar[Mapping[str, str]] = {"0.16": "0.16.5"}
    sources = (Source("crates.io", "viceroy"),)
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = False
    death_signal = signal.SIGKILL

    def _program(self, target: Target) -> CargoProgram:
        return CargoProgram("viceroy", self.versions[target.version or ""], "Viceroy", minutes=7)

    def state(self, target: Target) -> State:
        program = self._program(target)
        if program.binary.is_file():
            return State("ready", f"viceroy {program.release} from crates.io")
        if needs := program.needs():
            return State("missing", needs)
        return State("installable", program.plan, minutes=program.minutes)

    def install(self, target: Target, log: Log) -> None:
        self._program(target).install(log)

    def command(self, target: Target) -> list[str]:
        return launcher(None, "viceroy", "--binary", str(self._program(target).binary))


VICEROY = _Viceroy()
