"""workerd, the runtime of Cloudflare Workers: its executable from npm."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.javascript.packages import PACKAGES, Binary
from runners.provision import launcher
from runners.runtime import Log, Source, State, Target

__all__ = ["WORKERD"]

_LOCKS = Path(__file__).parent / "npm"


class _Workerd:
    name = "workerd"
    versions: ClassVar[Mapping[str, str]] = {"1.20261117": "1.20261117.1"}
    sources = (Source("npm", "workerd"),)
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = False
    death_signal = signal.SIGKILL

    def _binary(self, target: Target) -> Binary:
        places = {"x86_64": "workerd-linux-64", "aarch64": "workerd-linux-arm64"}
        return Binary(
            _LOCKS / (target.version or ""),
            f"workerd {self.versions[target.version or '']}",
            {machine: f"@cloudflare/{package}/bin/workerd" for machine, package in places.items()},
        )

    def state(self, target: Target) -> State:
        state = self._binary(target).state()
        if state.kind == "ready" and not PACKAGES.ready:
            return State("installable", "install the npm package of the WASI shim")
        return state

    def install(self, target: Target, log: Log) -> None:
        self._binary(target).install(log)
        PACKAGES.install(log)

    def command(self, target: Target) -> list[str]:
        binary = str(self._binary(target).path)
        return launcher(None, "workerd", "--binary", binary, "--packages", str(PACKAGES.modules))


WORKERD = _Workerd()
