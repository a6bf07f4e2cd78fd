"""Browsers of a Selenium Grid: a real one, on this machine's loopback."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
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
from tests.conftest import absent, ready
from tests.runners.test_browser import MEMORY, is_alive, module, spawn

pytestmark = pytest.mark.xdist_group("grid")

IDLE = 20  # seconds: in these a browser must have started, too
THREADS = [MEMORY, module("rust-threads"), *spawn(2), {"type": "join"}]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A Grid with this machine's Chromium and, where it is here, Firefox."""
    ready("chromium+isolated")
    try:
        grid.install(print)
    except InstallError as error:
        absent(str(error))
    with grid.serving([PRODUCTS["chromium"], PRODUCTS["firefox"]], free_port()) as served:
        yield served


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance.cli", "run", "--target", "chromium", *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("announced", [None, "127.0.0.1"], ids=["loopback", "announced"])
@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_threads_run_in_a_browser_of_the_grid(
    url: str, browser: str, announced: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Announced pages come by https: http of another machine's would be no secure context."""
    target = ready(f"{browser}+isolated")
    monkeypatch.setenv(grid.URL, url)
    if announced:
        monkeypatch.setenv(grid.ADDRESS, announced)
    state = runtime_of(target).state(target)
    assert (state.kind, url in state.say) == ("ready", True)
    with Session(runtime_of(target).command(target), memory_limit=1024 * MIB) as session:
        hello = session.said()
        assert session.pid
        assert not [p for p in family_of(session.pid) if p.name().startswith(("chrom", "firefox", "gecko"))]
        assert hello.facts["crossOriginIsolated"] is True
        assert judge(THREADS, session.run(THREADS, 20.0), hello, (), target.profile).status == "pass"
        assert is_alive(session)


def test_firefox_of_the_grid_tells_what_it_blocked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Grid passes WebDriver BiDi on."""
    target = ready("firefox+isolated")
    monkeypatch.setenv(grid.URL, url)
    image = {"name": "image", "kind": "image", "mode": "no-cors", "relation": "cross-site", "query": {}}
    with Session(runtime_of(target).command(target), memory_limit=1024 * MIB) as session:
        asked = {"type": "probe", "probe": "subresources", "with": {"loads": [image]}}
        (blocked,) = session.run([asked], 20.0).facts["blocked"]
    assert blocked["error"] == "NS_ERROR_DOM_CORP_FAILED"


def test_three_sessions_run_side_by_side_however_few_processors_there_are(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = ready("chromium+isolated")
    monkeypatch.setenv(grid.URL, url)
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(Session(runtime_of(target).command(target))) for _ in range(3)]
        assert all(is_alive(session) for session in sessions)


def test_a_browser_that_the_grid_has_not_is_missing_and_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = parse_target("webkitgtk+isolated", ["isolated"])
    monkeypatch.setenv(grid.URL, url)
    state = runtime_of(target).state(target)
    offers = ", ".join(sorted(grid.browsers_of(url)))
    assert (state.kind, state.say) == ("missing", f"the Selenium Grid at {url} has {offers}, and no MiniBrowser")


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
    with grid.serving([PRODUCTS["chromium"]], free_port()) as served:
        assert grid.browsers_of(served) == {"chrome"}
        family = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
        assert family
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    with pytest.raises(grid.GridError):
        grid.browsers_of(served)


@pytest.mark.usefixtures("url")
def test_a_session_of_a_grid_outlives_its_idle_time_in_the_hands_of_a_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Grid sees no script: they go from the runner to the page."""
    target = ready("chromium+isolated")
    with grid.serving([PRODUCTS["chromium"]], free_port(), idle=IDLE) as served:
        monkeypatch.setenv(grid.URL, served)
        with Session(runtime_of(target).command(target)) as session:
            assert is_alive(session)
            time.sleep(1.75 * IDLE)
            assert is_alive(session)
            assert session.starts == 1
