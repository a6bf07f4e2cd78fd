"""A runner of the user's own: any program that speaks PROTOCOL.md, by its command line in matrix.yaml."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
from collections.abc import Mapping, Sequence

from runners.runtime import InstallError, Log, Own, Runtime, Source, State, Target

__all__ = ["OWN"]


class _OwnRunner:
    """Nothing of it is ours to install: it is there, or its state says what is not."""

    name = "own"
    versions: Mapping[str, str] = {}
    modes: Sequence[str] = ("",)
    is_browser = False
    death_signal = signal.SIGKILL
    sources: Sequence[Source] = ()
    open_versions = False

    def state(self, target: Target) -> State:
        own = _own(target)
        program = own.command[0]
        # The program is started in that folder: a relative path with a slash in it is meant from there.
        place = str(own.folder / program) if os.sep in program else program
        found = shutil.which(place)
        if found is None:
            where = f"in {own.folder}" if os.sep in program else "on PATH"
            return State("missing", f"its program {program!r} is not {where}, or cannot be executed")
        return State("ready", f"your own runner: {shlex.join(own.command)}")

    def install(self, target: Target, log: Log) -> None:  # noqa: ARG002
        state = self.state(target)
        if state.kind != "ready":
            raise InstallError(state.say)

    def command(self, target: Target) -> list[str]:
        return list(_own(target).command)


def _own(target: Target) -> Own:
    assert target.own is not None
    return target.own


OWN: Runtime = _OwnRunner()
