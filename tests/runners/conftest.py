"""The command lines of real runners, for tests that start them in their own way."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest

from runners.runtime import Target
from runners.session import Session
from runners.targets import runtime_of
from tests.conftest import in_groups
from tests.runners.javascript_commands import TARGETS, command_line


@pytest.fixture(scope="session")
def command_of(target_of: Callable[[str], Target]) -> Callable[[str], list[str]]:
    """The command line of a target's runner, by the target's name; where it is not set up the test ends."""

    def command(name: str) -> list[str]:
        target = target_of(name)
        return runtime_of(target).command(target)

    return command


@pytest.fixture(scope="session")
def wat2wasm(command_of: Callable[[str], list[str]]) -> Callable[[str], bytes]:
    """A module of its text, by the assembler in wasmtime's environment."""
    python = command_of("wasmtime-50")[0]
    program = "import sys, wasmtime; sys.stdout.buffer.write(wasmtime.wat2wasm(sys.stdin.read()))"

    def assemble(text: str) -> bytes:
        return subprocess.run(
            [python, "-I", "-c", program], input=text.encode(), capture_output=True, check=True
        ).stdout

    return assemble


@pytest.fixture(scope="module", params=in_groups(TARGETS))
def node(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session with the runner in one version of node, deno or bun."""
    with Session(command_line(request.param)) as session:
        yield session
