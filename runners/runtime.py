"""A runtime as the suite provides it: its versions and modes, whether one is here, how it is installed and started.

One `runtime.py` in each runtime's folder implements `Runtime`; `runners/targets.py` lists them.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

__all__ = ["InstallError", "Log", "Own", "Runtime", "Source", "State", "Target"]

Log = Callable[[str], None]


class InstallError(Exception):
    """An installation failed; the message says in one line what, and what to do."""


@dataclass(frozen=True)
class Own:
    """A runner of the user's own: its command line, and the folder in which it runs (that of matrix.yaml)."""

    command: tuple[str, ...]
    folder: Path


@dataclass(frozen=True)
class Target:
    """A runtime at a version in a mode: `wasmtime-50`, `wasmer-7.4+cranelift`, `chromium+isolated`.

    `profile` is the headers profile of a browser, None elsewhere; `mode` is what else follows the `+`. `own` is there
    for a target of the user's own, whose `runtime` is its name; `own_profile` for a profile of the user's own, which it
    defines in JSON.
    """

    name: str
    runtime: str
    version: str | None = None
    mode: str | None = None
    profile: str | None = None
    own: Own | None = None
    own_profile: str | None = None


@dataclass(frozen=True)
class State:
    """Whether a target can run here.

    `say`: what it is (ready), what setup would do (installable), what to install (missing), why it can run nowhere
    (unsupported).
    """

    kind: Literal["ready", "installable", "missing", "unsupported"]
    say: str
    minutes: int = 0
    """Of its installation on two cores: what takes longest comes last. The suite runs it beside the matrix."""
    compiling: float = 0.0
    """Seconds that a module may take to compile, where that is more than a cell's deadline has room for; it is kept."""


@dataclass(frozen=True)
class Source:
    """Where versions of a runtime come from: a registry, and the package's name in it.

    `python` is the CPython that PyPI's wheels are for, where it is not the suite's own.
    """

    registry: Literal["PyPI", "npm", "crates.io", "Go proxy", "Maven Central", "apt"]
    package: str
    python: str | None = None


class Runtime(Protocol):
    """A family of targets."""

    @property
    def name(self) -> str: ...
    @property
    def versions(self) -> Mapping[str, str]:
        """The version as a target's name has it → the exact release; empty where the machine's own is taken."""
        ...

    @property
    def sources(self) -> Sequence[Source]:
        """Where its versions come from, the newest ones' first; empty: the machine's own."""
        ...

    @property
    def open_versions(self) -> bool:
        """Whether a version that is not in `versions` may be asked for by name, too: `wasmtime-44`."""
        ...

    @property
    def modes(self) -> Sequence[str]:
        """What may follow the `+` of a target's name; "" among them where a version may also be asked without."""
        ...

    @property
    def is_browser(self) -> bool: ...
    @property
    def death_signal(self) -> signal.Signals:
        """What a runner gets when its host dies: SIGKILL, or SIGTERM where it has something to clean up."""
        ...

    def state(self, target: Target) -> State: ...
    def install(self, target: Target, log: Log) -> None:
        """Idempotent and safe beside another process that does the same. Raises InstallError."""
        ...

    def command(self, target: Target) -> list[str]:
        """The command line of the runner; only for a target that is ready."""
        ...
