"""WasmEdge: the library that Debian has."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import ClassVar

from runners.provision import launcher
from runners.runtime import Log, Source, State, Target
from runners.wasmedge import packages

__all__ = ["WASMEDGE"]


class _WasmEdge:
    name = "wasmedge"
    versions: ClassVar[Mapping[str, str]] = {"0.14": packages.RELEASE}
    sources = (Source("apt", "libwasmedge0"),)
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = False
    death_signal = signal.SIGKILL

    def state(self, target: Target) -> State:  # noqa: ARG002 (there is one)
        if packages.library():
            return State("ready", f"WasmEdge {packages.RELEASE} from Debian {packages.SUITE}")
        if needs := packages.needs():
            return State("missing", needs)
        return State("installable", f"fetch WasmEdge {packages.RELEASE} from Debian {packages.SUITE} (45 MB)")

    def install(self, target: Target, log: Log) -> None:  # noqa: ARG002
        packages.fetch(log)

    def command(self, target: Target) -> list[str]:  # noqa: ARG002
        library = packages.library()
        assert library
        _, *options = launcher(None, "wasmedge", str(library))
        return [*packages.interpreter(library), *options]


WASMEDGE = _WasmEdge()
