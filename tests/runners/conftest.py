"""Real runners for tests that ask them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runners.targets import parse_target, runtime_of


def _command_of(name: str) -> list[str]:
    target = parse_target(name, [])
    runtime = runtime_of(target)
    state = runtime.state(target)
    if state.kind != "ready":
        pytest.skip(f"{name} is not set up: {state.say}")
    return runtime.command(target)


@pytest.fixture(scope="session")
def command_of() -> Callable[[str], list[str]]:
    """The command line of a native target's runner; skips the test where it is not ready, and says what it wants."""
    return _command_of
