"""Installing several targets, one by one, quick ones first, while others look on: the progress is a small JSON file."""

from __future__ import annotations

import json
import os
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from runners.runtime import InstallError, Log, State, Target
from runners.targets import runtime_of

__all__ = ["Progress", "install"]

_POLL = 0.3  # seconds


class Progress:
    """What an installation has done so far, by target: `waiting`, `installing`, `ready` or `failed: …`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, states: dict[str, str], pid: int | None = None) -> None:
        """`pid` is the installing process, if it is not this one."""
        temporary = self.path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps({"pid": pid or os.getpid(), "states": states}))
        temporary.replace(self.path)

    def read(self) -> tuple[int, dict[str, str]]:
        data = json.loads(self.path.read_text())
        return data["pid"], data["states"]

    def wait(self, target: str) -> str | None:
        """Waits until a target is ready (or was no part of the installation); the reason when it failed."""
        while True:
            pid, states = self.read()
            state = states.get(target, "ready")
            if state == "ready":
                return None
            if state.startswith("failed: "):
                return state.removeprefix("failed: ")
            if not _alive(pid):
                return "its installation was cut off; run `wasm-matrix setup " + target + "`"
            time.sleep(_POLL)


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def install(
    targets: Sequence[Target],
    log: Log,
    progress: Progress | None = None,
    done: Callable[[Target, str | None], None] | None = None,
) -> dict[str, str]:
    """Installs what is installable of `targets`, quick ones first. Gives the failures: target → one line.

    `done` is told of each target as it ends, with None or the failure.
    """
    states = {target.name: runtime_of(target).state(target) for target in targets}
    order = sorted(targets, key=lambda target: states[target.name].minutes)
    shown = {target.name: _shown(states[target.name]) for target in targets}
    failures: dict[str, str] = {}

    def tell(target: Target, state: str) -> None:
        shown[target.name] = state
        if progress:
            progress.write(shown)

    if progress:
        progress.write(shown)
    for target in order:
        state = runtime_of(target).state(target)  # another target of the same runtime may have brought it
        if state.kind == "missing":
            failures[target.name] = state.say
        elif state.kind == "installable":
            tell(target, "installing")
            log(f"{target.name}: {state.say}")
            try:
                runtime_of(target).install(target, log)
            except InstallError as error:
                failures[target.name] = str(error)
            except Exception as error:
                log(traceback.format_exc())
                failures[target.name] = f"the suite itself failed: {type(error).__name__}: {error}"
        failure = failures.get(target.name)
        tell(target, f"failed: {failure}" if failure else "ready")
        if done:
            done(target, failure)
    return failures


def _shown(state: State) -> str:
    return {"installable": "waiting", "missing": f"failed: {state.say}"}.get(state.kind, "ready")
