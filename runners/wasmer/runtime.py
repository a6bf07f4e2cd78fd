"""wasmer 7.4: our own binding, built once with Rust and cached by the hash of its sources; two compilers, two modes."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from runners.maturin import Binding
from runners.provision import cache_folder, launcher
from runners.runtime import Log, Source, State, Target

__all__ = ["BINDING", "WASMER"]

BINDING = Binding("wasmer", "7.4.2", Path(__file__).parent / "binding", takes="10 minutes on two cores", slow=True)


class _Wasmer:
    name = "wasmer"
    versions: ClassVar[Mapping[str, str]] = {"7.4": BINDING.release}
    source = Source("crates.io", "wasmer")
    open_versions = False
    modes = ("cranelift", "singlepass")
    is_browser = False
    death_signal = signal.SIGKILL

    def state(self, target: Target) -> State:
        state = BINDING.state()
        return replace(state, say=f"{state.say} ({target.mode})") if state.kind == "ready" else state

    def install(self, target: Target, log: Log) -> None:  # noqa: ARG002 (one binding for both modes)
        BINDING.install(log)

    def command(self, target: Target) -> list[str]:
        cache = cache_folder("compiled", target.name)
        return launcher(
            BINDING.environment(), "wasmer", "--compiler", target.mode or "cranelift", "--cache", str(cache)
        )


WASMER = _Wasmer()
