"""WAMR: its C library, built once for each of its interpreters, each of them a mode."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import ClassVar

from runners.provision import launcher
from runners.runtime import Log, Source, State, Target
from runners.wamr import build

__all__ = ["WAMR"]


class _Wamr:
    name = "wamr"
    versions: ClassVar[Mapping[str, str]] = {"2.4": "2.4.3"}
    sources = (Source("crates.io", "wamrx-sys"),)
    open_versions = False
    modes = tuple(build.INTERPRETERS)
    is_browser = False
    death_signal = signal.SIGKILL

    def state(self, target: Target) -> State:
        release, interpreter = self.versions[target.version or ""], target.mode or ""
        if build.library(interpreter):
            return State("ready", f"WAMR {release} ({interpreter} interpreter), built from C")
        if needs := build.needs():
            return State("missing", needs)
        return State("installable", f"build WAMR {release} from C (half a minute)")

    def install(self, target: Target, log: Log) -> None:
        build.build(target.mode or "", log)

    def command(self, target: Target) -> list[str]:
        library = build.library(target.mode or "")
        assert library
        return launcher(None, "wamr", str(library), "--interpreter", target.mode or "")


WAMR = _Wamr()
