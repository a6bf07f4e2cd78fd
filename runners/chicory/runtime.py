"""Chicory: WebAssembly in Java, without native code; interpreted, or compiled to bytecode of the JVM."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import ClassVar

from runners.chicory import build
from runners.jdk import java_version, needs_to_build, needs_to_run
from runners.runtime import Log, Source, State, Target

__all__ = ["CHICORY"]


class _Chicory:
    name = "chicory"
    versions: ClassVar[Mapping[str, str]] = {"1.7": "1.7.5"}
    sources = (Source("Maven Central", "com.dylibso.chicory:runtime"),)
    open_versions = False
    modes = build.MODES
    is_browser = False
    death_signal = signal.SIGKILL

    def state(self, target: Target) -> State:
        release = self.versions["1.7"]
        if needs := needs_to_run():
            return State("missing", needs)
        if build.built():
            return State("ready", f"Chicory {release} ({target.mode}) on Java {java_version()}")
        if needs := needs_to_build():
            return State("missing", needs)
        return State("installable", f"compile our runner of Chicory {release} with javac, its jars from Maven Central")

    def install(self, target: Target, log: Log) -> None:  # noqa: ARG002 (one program for both modes)
        build.build(log)

    def command(self, target: Target) -> list[str]:
        return build.command(target.mode or "")


CHICORY = _Chicory()
