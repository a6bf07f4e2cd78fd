"""The runner of browsers, with the real ones: what it sees under each profile, and that nothing outlives it."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from modules import __file__ as _modules
from runners.browser.products import PRODUCTS
from runners.check import Bench
from runners.observation import Hello, Observation
from runners.session import MIB, Session
from runners.targets import session_of
from tests.conftest import in_groups, ready

DIST = Path(_modules).parent / "dist"
LOCK: dict[str, Any] = json.loads((DIST / "lock.json").read_text())
MEMORY = {"type": "memory", "as": ["env", "memory"], "minimum": 128, "maximum": 256, "shared": True}
ARG = 2 << 20

Start = Callable[[str], Session]


def module(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "module", "sha256": LOCK[name]["sha256"], "path": str(DIST / f"{name}.wasm"), **more}


def call(field: str, *args: dict[str, Any], results: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "action",
        "action": {"type": "invoke", "field": field, "args": list(args)},
        "results": results or [],
    }


def i32(value: int) -> dict[str, Any]:
    return {"type": "i32", "value": str(value)}


def spawn(workers: int, arg: int = ARG) -> list[dict[str, Any]]:
    areas = {"stack": {"address": 4 << 20, "size": 65536}, "tls": {"address": 6 << 20, "size": 65536}}
    return [{"type": "spawn", "workers": workers, "field": "thread_entry", "arg": i32(arg), **areas}]


@dataclass(frozen=True)
class Kind:
    """What differs between browsers, the names of their processes above all.

    `variable` names the program; `threaded` is the profile under which threads run; `console` is the source of what a
    worker prints, None where the browser does not tell; `refusal` is what is said of a program that is no browser.
    """

    main: tuple[str, ...]
    driver: str
    page: str
    variable: str
    refusal: str
    threaded: str = "isolated"
    console: str | None = "worker"


KINDS = {
    "chromium": Kind(("chromium",), "chromedriver", "--type=renderer", "WASM_MATRIX_CHROMIUM", "unrecognized option"),
    "firefox": Kind(
        ("firefox", "firefox-esr"),
        "geckodriver",
        "-isForBrowser",
        "WASM_MATRIX_FIREFOX",
        "not a Firefox executable",
        console="console",
    ),
    # A build of Debian's has no SharedArrayBuffer unless it is told.
    "webkitgtk": Kind(
        ("MiniBrowser",),
        "WebKitWebDriver",
        "WebKitWebProcess",
        "WASM_MATRIX_MINIBROWSER",
        "unrecognized option",
        "forced",
        None,
    ),
}

ALIVE = [module("wat-hostile"), call("after", i32(20), results=["i32"])]


def is_alive(session: Session) -> bool:
    """Whether a script works as if nothing had been."""
    seen = session.run(ALIVE, 20.0)
    return seen.end == "done" and seen.results[-1]["values"] == [i32(41)]


@pytest.fixture(scope="module", params=in_groups(KINDS))
def browser(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def start(browser: str) -> Iterator[Start]:
    """Sessions of a browser, by profile; two calls with one name give the same."""
    with contextlib.ExitStack() as stack:
        sessions: dict[str, Session] = {}

        def give(name: str) -> Session:
            if name not in sessions:
                sessions[name] = stack.enter_context(session_of(ready(f"{browser}+{name}"), 1024 * MIB))
            return sessions[name]

        yield give


@pytest.fixture
def isolated(start: Start) -> Session:
    return start("isolated")


@pytest.fixture
def threaded(browser: str, start: Start) -> Session:
    return start(KINDS[browser].threaded)


@pytest.fixture
def none(start: Start) -> Session:
    return start("none")


def test_the_isolated_page_and_its_worker_are_isolated_by_the_headers_they_got(browser: str, isolated: Session) -> None:
    hello = isolated.hello()
    assert hello.runtime == browser
    assert hello.facts["crossOriginIsolated"] is True
    assert hello.facts["isSecureContext"] is True
    assert hello.facts["SharedArrayBuffer"] == ("function" if KINDS[browser].threaded == "isolated" else "undefined")
    assert hello.facts["worker"]["crossOriginIsolated"] is True
    for headers in (hello.facts["headers"], hello.facts["workerHeaders"]):
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-embedder-policy"] == "require-corp"


def test_without_headers_nothing_is_isolated_and_features_are_the_same(isolated: Session, none: Session) -> None:
    hello = none.hello()
    assert hello.features == isolated.hello().features >= {"threads", "simd"}
    assert hello.facts["crossOriginIsolated"] is False
    assert hello.facts["isSecureContext"] is True
    assert hello.facts["SharedArrayBuffer"] == "undefined"
    assert hello.facts["worker"]["crossOriginIsolated"] is False
    for headers in (hello.facts["headers"], hello.facts["workerHeaders"]):
        assert not [name for name in headers if name.startswith("cross-origin")]


def test_threads_run_where_memory_is_shared(threaded: Session) -> None:
    control = b"".join(n.to_bytes(4, "little") for n in (1, 4, 10_000))  # job: counter; workers; iterations
    write = {"type": "write", "address": ARG, "data": {"base64": base64.b64encode(control).decode()}}
    read = {"type": "read", "address": ARG + 20, "length": 4}
    seen = threaded.run([MEMORY, module("rust-threads"), write, *spawn(4), {"type": "join"}, read], 20.0)
    assert [worker["values"] for worker in seen.results[4]["workers"]] == [[i32(10_000)]] * 4
    assert base64.b64decode(seen.results[5]["bytes"]) == (40_000).to_bytes(4, "little")


def test_without_isolation_a_shared_memory_is_made_but_not_given_to_a_thread(none: Session) -> None:
    seen = none.run([MEMORY, module("rust-threads"), *spawn(2), {"type": "join"}], 20.0)
    assert seen.results[:2] == [{}, {}]
    assert len(seen.results) == 3
    assert seen.results[2]["error"]["phase"] == "spawn"
    assert seen.results[2]["error"]["name"] == "DataCloneError"
    assert seen.facts["crossOriginIsolated"] is False
    assert "cross-origin-opener-policy" not in seen.facts["headers"]
    assert is_alive(none)


def test_a_module_comes_by_stream_with_the_right_type_and_the_wrong_one_is_named(isolated: Session) -> None:
    right = isolated.run([module("wat-hostile", via="streaming"), *ALIVE[1:]], 20.0)
    assert right.results[-1]["values"] == [i32(41)]
    wrong = isolated.run([module("wat-hostile", via="streaming-wrong-mime")], 20.0)
    assert wrong.results[0]["error"]["phase"] == "compile"
    assert "application/wasm" in wrong.results[0]["error"]["message"]


def test_a_reactor_starts_by_the_shim_of_wasi(isolated: Session) -> None:
    seen = isolated.run([module("emscripten"), call("_initialize"), call("alloc", i32(64), results=["i32"])], 20.0)
    assert [list(result) for result in seen.results] == [[], ["values", "seconds"], ["values", "seconds"]]


def test_a_file_that_is_absent_or_another_is_told(isolated: Session) -> None:
    absent = isolated.run([module("wat-hostile") | {"path": "/absent", "sha256": "0" * 64}], 20.0)
    assert absent.results[0]["error"]["phase"] == "fetch"
    assert "No such file" in absent.results[0]["error"]["message"]
    other = isolated.run([module("wat-hostile") | {"sha256": "1" * 64}], 20.0)
    assert other.results[0]["error"]["phase"] == "fetch"
    assert LOCK["wat-hostile"]["sha256"] in other.results[0]["error"]["message"]


def test_what_a_module_printed_is_in_the_console_of_a_run_that_erred_and_is_told_once(
    browser: str, isolated: Session
) -> None:
    source = KINDS[browser].console
    with Bench([]) as bench:
        script = [bench.module("wasi-reactor"), call("say")]
        seen = isolated.run([*script, {"type": "nonsense"}], 20.0)
        assert bool([e for e in seen.facts["console"] if e["source"] == source]) == (source is not None)
    assert isolated.run([{"type": "nonsense"}], 20.0).facts["console"] == []


@pytest.mark.parametrize(
    "script",
    [
        [module("wat-hostile"), call("loop_forever")],
        [MEMORY, module("wat-hostile-threads"), call("wait_forever")],
        [MEMORY, module("wat-hostile-threads"), *spawn(4), {"type": "join"}],
    ],
    ids=["loop", "wait", "threads"],
)
def test_what_never_ends_is_ended_by_the_page_or_with_the_browser_and_the_next_script_runs(
    browser: str, threaded: Session, script: list[dict[str, Any]]
) -> None:
    threaded.hello()
    pid, starts = threaded.pid, threaded.starts
    seen = threaded.run(script, 1.0)
    assert seen.end == "done"
    assert seen.results[-1]["error"]["phase"] == "deadline"
    assert 1.0 <= seen.seconds < 2.0
    assert is_alive(threaded)
    if PRODUCTS[browser].ends_workers:
        assert (threaded.pid, threaded.starts) == (pid, starts)
    else:
        assert threaded.starts == starts + 1


def test_what_was_ended_does_not_go_on_in_secret(isolated: Session) -> None:
    isolated.run([module("wat-hostile"), call("loop_forever")], 0.5)
    assert is_alive(isolated)
    time.sleep(2.5)  # Blink gives a terminated worker 2 s to come to an end by itself

    def spent() -> float:
        family = psutil.Process(isolated.pid).children(recursive=True)
        return sum(times.user + times.system for times in (member.cpu_times() for member in family))

    before = spent()
    time.sleep(1.0)
    assert spent() - before < 0.3


def family_of(session: Session, *names: str) -> list[psutil.Process]:
    """The processes of a browser that have such a name, or such an argument; the runner's own second one is none."""
    family = psutil.Process(session.pid).children(recursive=True)
    commands = [(process, process.cmdline()) for process in family]
    browsers = [(process, command) for process, command in commands if "runners.browser" not in command]
    return [process for process, command in browsers if {process.name(), *command} & set(names)]


def browser_of(session: Session, kind: Kind) -> list[psutil.Process]:
    """Its main process: the children of the driver are the browser, or what becomes it."""
    mine = family_of(session, *kind.main)
    return [process for process in mine if process.ppid() not in {other.pid for other in mine}]


VICTIMS: dict[str, Callable[[Session, Kind], list[psutil.Process]]] = {
    "browser": browser_of,
    "driver": lambda session, kind: family_of(session, kind.driver),
    "page": lambda session, kind: family_of(session, kind.page),
}


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_browser_killed_from_outside_is_one_observation_and_leaves_nothing(
    browser: str, start: Start, victim: str
) -> None:
    session = start("isolated")
    session.hello()
    family = psutil.Process(session.pid).children(recursive=True)
    victims = VICTIMS[victim](session, KINDS[browser])
    assert victims
    with ThreadPoolExecutor() as pool:
        running = pool.submit(session.run, [module("wat-hostile"), call("loop_forever")], 30.0)
        time.sleep(0.5)
        began = time.perf_counter()
        for process in victims:
            process.kill()
        seen: Observation = running.result()
    assert time.perf_counter() - began < 5.0
    assert (seen.end, seen.code) == ("crash", 1)
    assert f"{browser}: " in seen.stderr
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert is_alive(session)


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_browser_killed_between_two_scripts_does_not_cost_one(browser: str, start: Start, victim: str) -> None:
    session = start("isolated")
    session.hello()
    runner = psutil.Process(session.pid)
    for process in VICTIMS[victim](session, KINDS[browser]):
        process.kill()
    runner.wait(5.0)
    assert is_alive(session)


def test_two_at_once_do_not_meet(browser: str, start: Start) -> None:
    target = ready(f"{browser}+isolated")
    with session_of(target, 1024 * MIB) as other, ThreadPoolExecutor() as pool:
        hellos: list[Hello] = list(pool.map(lambda session: session.hello(), [start("isolated"), other]))
        assert all(hello.facts["crossOriginIsolated"] for hello in hellos)
        assert all(pool.map(is_alive, [start("isolated"), other]))


class Bare:
    """A runner without a session's comforts: what it leaves behind is seen."""

    def __init__(self, browser: str, **environment: str) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="t-"))
        command = [sys.executable, "-m", "runners.browser", "--browser", browser, "--profile", "isolated"]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, "TMPDIR": str(self.scratch), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def say(self, **message: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout
        return dict(json.loads(self.process.stdout.readline()))

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def bare(browser: str) -> Iterator[Callable[..., Bare]]:
    ready(f"{browser}+isolated")
    made: list[Bare] = []

    def make(**environment: str) -> Bare:
        made.append(Bare(browser, **environment))
        return made[-1]

    yield make
    for runner in made:
        runner.process.kill()
        runner.process.wait()
        for pipe in (runner.process.stdin, runner.process.stdout, runner.process.stderr):
            if pipe:
                pipe.close()
        runner.scratch.rmdir()


def close_input(runner: Bare) -> None:
    assert runner.process.stdin
    runner.process.stdin.close()


ENDINGS: dict[str, Callable[[Bare], None]] = {
    "bye": lambda runner: runner.say(type="bye"),
    "end of input": close_input,
    "SIGTERM": lambda runner: runner.process.send_signal(signal.SIGTERM),
    "SIGINT": lambda runner: runner.process.send_signal(signal.SIGINT),
}


def listening(connections: Iterable[Any]) -> set[int]:
    return {connection.laddr.port for connection in connections if connection.status == "LISTEN"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_ends_with_0_and_leaves_no_process_folder_or_port(bare: Callable[..., Bare], ending: str) -> None:
    runner = bare()
    runner.say(type="hello", protocol=1)
    assert runner.hear()["type"] == "hello"
    family = runner.family()
    ports = {port for process in family for port in listening(process.net_connections())}
    assert len(family) > 2
    assert ports
    ENDINGS[ending](runner)
    assert runner.process.wait(10) == 0
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert list(runner.scratch.iterdir()) == []
    assert not ports & listening(psutil.net_connections())


@pytest.mark.parametrize("delay", [0.3, 0.6, 0.9, 1.2, 2.0])
def test_sigterm_while_it_starts_leaves_nothing(bare: Callable[..., Bare], delay: float) -> None:
    runner = bare()
    time.sleep(delay)
    family = runner.family()
    runner.process.terminate()
    assert runner.process.wait(5) in (0, -signal.SIGTERM)
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    time.sleep(0.3)
    assert list(runner.scratch.iterdir()) == []
    assert not [
        p for p in psutil.process_iter(["cmdline"]) if any(str(runner.scratch) in a for a in p.info["cmdline"] or ())
    ]


def gone(processes: Iterable[psutil.Process]) -> bool:
    return not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("victim", ["shepherd", "runner"])
def test_whichever_of_its_two_processes_is_killed_nothing_outlives_it(bare: Callable[..., Bare], victim: str) -> None:
    """The first is the one that is known outside; the second has the browser, its driver and its display."""
    runner = bare()
    runner.say(type="hello", protocol=1)
    assert runner.hear()["type"] == "hello"
    first = psutil.Process(runner.process.pid)
    family = [first, *runner.family()]
    (second,) = first.children()
    (first if victim == "shepherd" else second).kill()
    assert runner.process.wait(10) == (-signal.SIGKILL if victim == "shepherd" else 128 + signal.SIGKILL)
    limit = time.monotonic() + 10
    while not gone(family) and time.monotonic() < limit:
        time.sleep(0.05)
    assert gone(family)
    shutil.rmtree(runner.scratch)  # who is killed deletes no files
    runner.scratch.mkdir()


def test_sigterm_in_the_middle_of_a_script_that_never_ends(bare: Callable[..., Bare]) -> None:
    runner = bare()
    runner.say(type="hello", protocol=1)
    runner.hear()
    runner.say(type="run", id=1, deadline=60, script=[module("wat-hostile"), call("loop_forever")])
    time.sleep(0.5)
    family = runner.family()
    runner.process.terminate()
    assert runner.process.wait(5) == 0
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert list(runner.scratch.iterdir()) == []


def test_scripts_that_came_before_the_end_of_input_are_answered(bare: Callable[..., Bare]) -> None:
    runner = bare()
    runner.say(type="hello", protocol=1)
    for number in (1, 2):
        runner.say(type="run", id=number, deadline=5, script=ALIVE)
    out, err = runner.process.communicate(timeout=30)
    assert [json.loads(line).get("id") for line in out.splitlines()] == [None, 1, 2]
    assert (runner.process.returncode, err) == (0, "")


def test_a_browser_that_is_absent_is_told_in_one_line_with_what_to_install(
    browser: str, bare: Callable[..., Bare]
) -> None:
    runner = bare(**{KINDS[browser].variable: "/absent/browser"})
    out, err = runner.process.communicate(timeout=30)
    assert (runner.process.returncode, out, err.count("\n")) == (3, "", 1)
    assert f"install {PRODUCTS[browser].package}" in err
    assert list(runner.scratch.iterdir()) == []


def test_a_browser_that_does_not_start_is_told(browser: str, bare: Callable[..., Bare]) -> None:
    runner = bare(**{KINDS[browser].variable: "/bin/cat"})
    assert runner.process.wait(20) == 1
    assert runner.process.stdout
    assert runner.process.stderr
    assert runner.process.stdout.read() == ""
    said = runner.process.stderr.read()
    assert f"{browser} does not start" in said
    assert KINDS[browser].refusal in said
    assert list(runner.scratch.iterdir()) == []


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"type": "dance"}'])
def test_a_host_that_does_not_speak_the_protocol_is_left(bare: Callable[..., Bare], line: str) -> None:
    runner = bare()
    _, err = runner.process.communicate(line + "\n", timeout=30)
    assert runner.process.returncode == 2
    assert err.count("\n") == 1
    assert list(runner.scratch.iterdir()) == []
