"""wasmtime from PyPI: any two versions side by side, each in an environment of its own."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.provision import Environment, cache_folder, launcher
from runners.runtime import Log, Source, State, Target

__all__ = ["WASMTIME"]

_HERE = Path(__file__).parent


class _Wasmtime:
    name = "wasmtime"
    # 46: the last major before `wasi-threads` left wasmtime.
    versions: ClassVar[Mapping[str, str]] = {"50": "50.0.1", "46": "46.0.1"}
    source = Source("PyPI", "wasmtime")
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = False
    death_signal = signal.SIGKILL

    def _environment(self, target: Target) -> Environment:
        return Environment(target.name, _HERE / f"requirements-{target.version}.txt")

    def state(self, target: Target) -> State:
        release = self.versions[target.version or ""]
        if self._environment(target).ready:
            return State("ready", f"wasmtime {release} from PyPI")
        return State("installable", f"install wasmtime {release} from PyPI into an environment of its own")

    def install(self, target: Target, log: Log) -> None:
        self._environment(target).install(log)

    def command(self, target: Target) -> list[str]:
        return launcher(self._environment(target), "wasmtime", "--cache", str(cache_folder("compiled", target.name)))


WASMTIME = _Wasmtime()
