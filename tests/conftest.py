"""Targets for tests that ask real runtimes.

A target that is not set up skips its tests and says what it wants; with WASM_MATRIX_REQUIRE_ALL in the environment it
fails them, so that a machine that must have all cannot be green without.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import NoReturn

import pytest
from _pytest.mark import ParameterSet
from _pytest.nodeid import coerce_node_id

from conformance.config import default_matrix, load_config
from headers_server.profiles import shipped
from runners.runtime import InstallError, Target
from runners.session import Session
from runners.targets import parse_target, runtime_of, session_of

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Begun in the background of a shell: what tests start would inherit it, and never notice a Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)

TARGETS = load_config(default_matrix()).target_names()
CALLED = [name for name in TARGETS if not name.startswith("viceroy-")]
"""Those on which what a module exports can be called: Viceroy runs `_start` alone."""
MEMORY_LIMIT = 1 << 30


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Groups of xdist 3.8 stand in `_nodeid`, which pytest 9.2 does not read: without this, all tests are without.

    It can go once tests/test_groups.py passes without it.
    """
    yield
    for item in items:
        if grouped := getattr(item, "_nodeid", None):
            item._id = coerce_node_id(grouped)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Where the reports are gathered the group is taken off again: `--lf` would not find the test by it."""
    if "PYTEST_XDIST_WORKER" not in os.environ and report.nodeid.rfind("@") > report.nodeid.rfind("]"):
        report.nodeid = report.nodeid.rpartition("@")[0]


def absent(say: str) -> NoReturn:
    """The test ends here: it needs something that this machine has not, or cannot reach."""
    end = pytest.fail if os.environ.get("WASM_MATRIX_REQUIRE_ALL") else pytest.skip
    end(say)


def ready(name: str) -> Target:
    """The target, set up; otherwise the test ends here."""
    target = parse_target(name, list(shipped()))
    state = runtime_of(target).state(target)
    if state.kind != "ready":
        absent(f"{name} is not set up: {state.say}")
    return target


def provided(name: str) -> Target:
    """A target outside of the matrix, set up now where it is not. Without a network the test ends here."""
    target = parse_target(name, list(shipped()))
    try:
        runtime_of(target).install(target, print)
    except InstallError as error:
        absent(str(error))
    return target


def in_groups(names: Iterable[str]) -> list[ParameterSet]:
    """A parameter for each name, whose tests stay in one worker of xdist: what is started for them starts once."""
    return [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]


def on_targets(names: list[str] | None = None) -> pytest.MarkDecorator:
    """A test on each of these targets (without: the whole matrix's)."""
    return pytest.mark.parametrize("target_name", in_groups(names or TARGETS))


@pytest.fixture(scope="session")
def target_of() -> Callable[[str], Target]:
    """A target by its name, set up."""
    return ready


@pytest.fixture(scope="session")
def sessions() -> Iterator[Callable[[str], Session]]:
    """One session a target, the same for all tests of a worker."""
    made: dict[str, Session] = {}

    def session(name: str) -> Session:
        if name not in made:
            made[name] = session_of(ready(name), MEMORY_LIMIT)
        return made[name]

    yield session
    for one in made.values():
        one.close()


@pytest.fixture
def session(target_name: str, sessions: Callable[[str], Session]) -> Session:
    """The session of a test under `on_targets`."""
    return sessions(target_name)
