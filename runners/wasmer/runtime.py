"""wasmer 7.4: our own binding, built once with Rust and cached by the hash of its sources; two compilers, two modes."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.provision import Environment, cache_folder, launcher, locked
from runners.runtime import InstallError, Log, Source, State, Target
from runners.wasmer import build

__all__ = ["WASMER"]


class _Wasmer:
    name = "wasmer"
    versions: ClassVar[Mapping[str, str]] = {"7.4": "7.4.2"}
    source = Source("crates.io", "wasmer")
    open_versions = False
    modes = ("cranelift", "singlepass")
    is_browser = False
    death_signal = signal.SIGKILL

    def _environment(self, wheel: Path) -> Environment:
        return Environment("wasmer-7.4", wheels=[wheel])

    def state(self, target: Target) -> State:
        wheel = build.built(cache_folder("wasmer"))
        if wheel and self._environment(wheel).ready:
            return State("ready", f"wasmer 7.4.2 ({target.mode}), our binding")
        needs = None if wheel else build.needs()
        if needs:
            return State("missing", needs)
        return State(
            "installable", "build our binding of wasmer 7.4.2 with Rust (10 minutes on two cores, once)", slow=not wheel
        )

    def install(self, target: Target, log: Log) -> None:  # noqa: ARG002 (one binding for both modes)
        with locked("wasmer"):
            wheel = build.built(cache_folder("wasmer"))
            if wheel is None:
                if needs := build.needs():
                    raise InstallError(needs)
                wheel = build.build(cache_folder("wasmer"), log)
        self._environment(wheel).install(log)

    def command(self, target: Target) -> list[str]:
        wheel = build.built(cache_folder("wasmer"))
        assert wheel
        cache = cache_folder("compiled", target.name)
        return launcher(
            self._environment(wheel), "wasmer", "--compiler", target.mode or "cranelift", "--cache", str(cache)
        )


WASMER = _Wasmer()
