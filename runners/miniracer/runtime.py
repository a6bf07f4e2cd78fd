"""mini-racer from PyPI; esbuild and the WASI shim, which its one script is made with, from npm."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.javascript.packages import PACKAGES, Binary
from runners.provision import Environment, launcher
from runners.runtime import Log, Source, State, Target

__all__ = ["MINIRACER"]

_HERE = Path(__file__).parent


class _MiniRacer:
    name = "miniracer"  # what follows a dash is a target's version
    versions: ClassVar[Mapping[str, str]] = {"0.14": "0.14.1"}
    sources = (Source("PyPI", "mini-racer"),)
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = False
    death_signal = signal.SIGKILL

    def _environment(self, target: Target) -> Environment:
        return Environment(target.name, _HERE / f"requirements-{target.version}.txt")

    def _esbuild(self) -> Binary:
        places = {"x86_64": "@esbuild/linux-x64/bin/esbuild", "aarch64": "@esbuild/linux-arm64/bin/esbuild"}
        return Binary(_HERE, "esbuild", places)

    def state(self, target: Target) -> State:
        release = self.versions[target.version or ""]
        esbuild = self._esbuild().state()
        needs = PACKAGES.needs()
        if esbuild.kind == "missing":
            return esbuild
        if needs:
            return State("missing", needs)
        if self._environment(target).ready and esbuild.kind == "ready" and PACKAGES.ready:
            return State("ready", f"mini-racer {release} from PyPI")
        return State("installable", f"install mini-racer {release} from PyPI, esbuild and a WASI shim from npm")

    def install(self, target: Target, log: Log) -> None:
        self._esbuild().install(log)
        PACKAGES.install(log)
        self._environment(target).install(log)

    def command(self, target: Target) -> list[str]:
        packages = ["--esbuild", str(self._esbuild().path), "--packages", str(PACKAGES.modules)]
        return launcher(self._environment(target), "miniracer", *packages)


MINIRACER = _MiniRacer()
