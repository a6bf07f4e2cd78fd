"""wasmi: our own binding, built once with Rust and cached by the hash of its sources."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.maturin import Binding
from runners.provision import launcher
from runners.runtime import Log, Source, State, Target

__all__ = ["BINDING", "WASMI"]

BINDING = Binding("wasmi", "2.0.0", Path(__file__).parent / "binding", minutes=3)


class _Wasmi:
    name = "wasmi"
    versions: ClassVar[Mapping[str, str]] = {"2.0": BINDING.release}
    sources = (Source("crates.io", "wasmi"),)
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = False
    death_signal = signal.SIGKILL

    def state(self, target: Target) -> State:  # noqa: ARG002 (there is one)
        return BINDING.state()

    def install(self, target: Target, log: Log) -> None:  # noqa: ARG002
        BINDING.install(log)

    def command(self, target: Target) -> list[str]:  # noqa: ARG002
        return launcher(BINDING.environment(), "wasmi")


WASMI = _Wasmi()
