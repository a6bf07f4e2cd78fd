"""Browsers of a Selenium Grid: a real one, on this machine's loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from conformance.verdict import judge
from runners.browser import grid
from runners.browser.products import PRODUCTS
from runners.processes import family_of
from runners.runtime import InstallError
from runners.session import MIB, Session
from runners.targets import parse_target, runtime_of
from tests.conftest import ready
from tests.runners.test_browser import MEMORY, is_alive, module, spawn

pytestmark = pytest.mark.xdist_group("grid")

THREADS = [MEMORY, module("rust-threads"), *spawn(2), {"type": "join"}]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A Grid with this machine's Chromium."""
    ready("chromium+isolated")
    try:
        grid.install(print)
    except InstallError as error:
        end = pytest.fail if os.environ.get("WASM_MATRIX_REQUIRE_ALL") else pytest.skip
        end(str(error))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with grid.serving([PRODUCTS["chromium"]], port) as served:
        yield served


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance.cli", "run", "--target", "chromium", *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("announced", [None, "127.0.0.1"], ids=["loopback", "announced"])
def test_threads_run_in_a_browser_of_the_grid(url: str, announced: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Announced pages come by https: http of another machine's would be no secure context."""
    target = parse_target("chromium+isolated", ["isolated"])
    monkeypatch.setenv(grid.URL, url)
    if announced:
        monkeypatch.setenv(grid.ADDRESS, announced)
    state = runtime_of(target).state(target)
    assert (state.kind, url in state.say) == ("ready", True)
    with Session(runtime_of(target).command(target), memory_limit=1024 * MIB) as session:
        hello = session.said()
        assert session.pid
        assert not [p for p in family_of(session.pid) if "chrom" in p.name()]
        assert hello.facts["crossOriginIsolated"] is True
        assert judge(THREADS, session.run(THREADS, 20.0), hello, (), target.profile).status == "pass"
        assert is_alive(session)


def test_a_browser_that_the_grid_has_not_is_missing_and_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = parse_target("webkitgtk+isolated", ["isolated"])
    monkeypatch.setenv(grid.URL, url)
    state = runtime_of(target).state(target)
    assert (state.kind, state.say) == ("missing", f"the Selenium Grid at {url} has chrome, and no MiniBrowser")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--grid", "http://192.0.2.1:4444"], "--announce ADDRESS"),
        (["--announce", "192.0.2.1"], "--grid URL"),
        (["--grid", "http://127.0.0.1:9"], "no Selenium Grid answers at http://127.0.0.1:9"),
    ],
)
def test_a_grid_that_cannot_be_used_is_told_in_a_line(options: list[str], words: str) -> None:
    done = run(*options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.split())


@pytest.mark.usefixtures("url")
def test_nothing_stays_of_a_grid() -> None:
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with grid.serving([PRODUCTS["chromium"]], port) as served:
        assert grid.browsers_of(served) == {"chrome"}
        family = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
        assert family
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    with pytest.raises(grid.GridError):
        grid.browsers_of(served)
