"""Programs with JavaScript of their own: what they may, how they end, and that nothing of them stays."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from runners.session import Session
from runners.targets import session_of
from tests.conftest import MEMORY_LIMIT, ready

pytestmark = pytest.mark.xdist_group("programs")

PROCESSES = ["node-20", "node-24", "deno-2.9", "bun-1.4"]
CONFINED = ["node-20", "node-24", "deno-2.9"]
"""bun has nothing to confine a program by."""
PAGES = ["chromium+isolated"]

Json = dict[str, Any]
Start = Callable[[str], Session]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """A session with a target's runner."""
    sessions: dict[str, Session] = {}

    def give(name: str) -> Session:
        if name not in sessions:
            sessions[name] = session_of(ready(name), MEMORY_LIMIT)
        return sessions[name]

    yield give
    for session in sessions.values():
        session.close()


def program(folder: Path, text: str, *args: str, main: str = "main.js") -> Json:
    """The command that runs a program of one file."""
    content = text.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"{sha256}.bin"
    path.write_bytes(content)
    return {"type": "program", "main": main, "files": {main: {"sha256": sha256, "path": str(path)}}, "args": [*args]}


def ran(session: Session, command: Json, deadline: float = 30.0) -> Json:
    """Its result, with its output as text."""
    observation = session.run([command], deadline)
    assert observation.end == "done", observation
    (result,) = observation.results
    return {k: base64.b64decode(v).decode() if k in ("stdout", "stderr") else v for k, v in result.items()}


@pytest.mark.parametrize("name", CONFINED)
@pytest.mark.parametrize(
    "reach",
    [
        "require('node:fs').readFileSync('/etc/passwd')",
        "require('node:fs').writeFileSync(require('node:path').join(__dirname, 'written'), '')",
        "require('node:child_process').execSync('true')",
    ],
    ids=["read", "write", "start"],
)
def test_a_program_is_confined_to_reading_its_folder(start: Start, tmp_path: Path, name: str, reach: str) -> None:
    """It may read its own files and start workers: no others, no writing, no other programs."""
    text = f"try {{ {reach}; console.log('reached'); }} catch (error) {{ console.log(error.name); }}"
    seen = ran(start(name), program(tmp_path, text))
    assert (seen["exit"], "reached" in seen["stdout"]) == (0, False)
    assert seen["stdout"].strip()


@pytest.mark.parametrize("name", PROCESSES)
def test_a_program_has_no_environment_and_no_input(start: Start, tmp_path: Path, name: str) -> None:
    """Nothing of the runner's: what is there, the runner sets."""
    tells = "try { console.log(Object.keys(process.env).join()); } catch {}"
    text = f"{tells} process.stdin.on('end', () => process.exit(7)).resume();"
    seen = ran(start(name), program(tmp_path, text))
    assert seen["exit"] == 7
    assert "HOME" not in seen["stdout"].split(",")


@pytest.mark.parametrize("name", [name for name in PROCESSES if name != "deno-2.9"])  # which lets none kill itself
def test_a_program_that_is_killed_has_the_signals_code(start: Start, tmp_path: Path, name: str) -> None:
    """128 and its number, as shells say it."""
    text = "process.kill(process.pid, 'SIGKILL'); setInterval(() => 0);"
    assert ran(start(name), program(tmp_path, text))["exit"] == 137


@pytest.mark.parametrize("name", PROCESSES)
def test_a_program_does_not_outlive_its_runner(tmp_path: Path, name: str) -> None:
    """However that ends: here by SIGKILL, while the program is in a loop."""
    session = session_of(ready(name), MEMORY_LIMIT)
    session.hello()
    assert session.pid is not None
    runner = psutil.Process(session.pid)
    command = program(tmp_path, "while (true);", "of-this-test")
    with session:
        watcher = subprocess.Popen(  # kills the runner when its program is there
            ["python3", "-c", KILLS, str(runner.pid), "of-this-test"], stdout=subprocess.PIPE, text=True
        )
        assert session.run([command], 30.0).end == "crash"
        out, _ = watcher.communicate(timeout=30)
    limit = time.monotonic() + 5
    while psutil.pid_exists(int(out)) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not psutil.pid_exists(int(out))


KILLS = """
import os, signal, sys, time
runner, word = int(sys.argv[1]), sys.argv[2].encode()
while True:
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = open(f"/proc/{name}/cmdline", "rb").read().split(b"\\0")
        except OSError:
            continue
        if word in line and b"-c" not in line:
            print(name)
            os.kill(runner, signal.SIGKILL)
            sys.exit()
    time.sleep(0.05)
"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_waits_is_ended_with_its_script(start: Start, tmp_path: Path, name: str) -> None:
    """A program that never says that it has ended costs its deadline; the next one runs in the same browser."""
    session = start(name)
    seen = ran(session, program(tmp_path, "setInterval(() => 0, 1000);"), deadline=2.0)
    assert seen["error"]["phase"] == "deadline"
    assert ran(session, program(tmp_path, "console.log('next');", main="main.mjs"))["stdout"] == "next\n"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_loops_is_one_observation(start: Start, tmp_path: Path, name: str) -> None:
    """It blocks the runner's page with it: the host ends both, and the next script has a new browser."""
    session = start(name)
    assert session.run([program(tmp_path, "while (true);")], 2.0).end == "deadline"
    assert ran(session, program(tmp_path, "console.log('next');", main="main.mjs"))["stdout"] == "next\n"


@pytest.mark.parametrize("name", [*PROCESSES, *PAGES])
@pytest.mark.parametrize(
    "change",
    [{"main": "absent.js"}, {"files": {"../main.js": {}}, "main": "../main.js"}, {"files": None}, {"args": "one"}],
    ids=["main", "name", "files", "args"],
)
def test_a_malformed_program_is_an_error_of_the_script(start: Start, tmp_path: Path, name: str, change: Json) -> None:
    """A file's name is no path."""
    assert ran(start(name), {**program(tmp_path, ""), **change})["error"]["phase"] == "script"


@pytest.mark.parametrize("name", [*PROCESSES, *PAGES])
def test_a_file_of_another_hash_is_not_run(start: Start, tmp_path: Path, name: str) -> None:
    """Nobody shall run what the lock does not know."""
    command = program(tmp_path, "console.log('ran');")
    Path(command["files"]["main.js"]["path"]).write_text("console.log('another');")
    seen = ran(start(name), command)
    assert seen["error"]["phase"] in ("fetch", "program")
