"""Several targets are installed one by one, what takes longest last; each failure is one line."""

from __future__ import annotations

import pytest

from runners import installation
from runners.runtime import InstallError, Log, State, Target

MINUTES = {"built-in-10": 10, "wheel": 0, "built-in-3": 3}


class Installed:
    """A runtime whose targets are what they have been installed."""

    def __init__(self) -> None:
        self.order: list[str] = []

    def state(self, target: Target) -> State:
        ready = target.name in self.order
        return State("ready" if ready else "installable", "in so many minutes", minutes=MINUTES[target.name])

    def install(self, target: Target, log: Log) -> None:  # noqa: ARG002
        self.order.append(target.name)
        if target.name == "built-in-3":
            raise InstallError("no compiler")


def test_what_takes_longest_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = Installed()
    monkeypatch.setattr(installation, "runtime_of", lambda _: runtime)
    failures = installation.install([Target(name, "built") for name in MINUTES], print)
    assert runtime.order == ["wheel", "built-in-3", "built-in-10"]
    assert failures == {"built-in-3": "no compiler"}
