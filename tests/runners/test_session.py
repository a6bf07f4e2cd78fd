"""A session contains whatever a runner does: each ending is one observation, and the next script runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from runners.session import MIB, RunnerFailed, Session, sweep_scratch

RUNNER = """
import json, os, signal, subprocess, sys, time
def say(message):
    print(json.dumps(message), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "hello":
        {hello}
        facts = {{"tmp": os.environ["TMPDIR"]}}
        say({{"type": "hello", "protocol": 1, "runtime": "toy", "version": "1", "features": ["jspi"], "facts": facts}})
    elif message["type"] == "run":
        what = message["script"][0].get("do")
        {act}
        say({{"type": "observation", "id": message["id"], "results": [{{"pid": os.getpid()}}], "seconds": 0.5}})
    else:
        break
"""
ACT = """
        if what == "exit": print("last words", file=sys.stderr, flush=True); sys.exit(7)
        if what == "segv": os.kill(os.getpid(), signal.SIGSEGV)
        if what == "hang": time.sleep(60)
        if what == "eat":
            held = []
            while True: held.append(bytearray(8 << 20))
        if what == "noise": print("rubbish", flush=True); os.write(1, b"\\xff\\n"); print("[1]", flush=True)
        if what == "flood": os.write(2, b"x" * (12 << 20)); os.write(2, b"the end")
        if what == "child": subprocess.Popen(["sleep", "60.125"], start_new_session=True); time.sleep(60)
"""


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Makes sessions with a small runner of this file, and closes them."""
    made: list[Session] = []

    def make(hello: str = "pass", **options: object) -> Session:
        program = tmp_path / f"runner{len(made)}.py"
        program.write_text(RUNNER.format(hello=hello, act=textwrap.dedent(ACT).replace("\n", "\n        ")))
        made.append(Session([sys.executable, str(program)], **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for session in made:
        session.close()


def run(session: Session, what: str, deadline: float = 5.0):  # type: ignore[no-untyped-def]
    return session.run([{"do": what}], deadline)


def test_a_runner_lives_as_long_as_its_session(toy: Callable[..., Session]) -> None:
    """Many scripts, one process; what it says of itself is kept."""
    session = toy()
    assert session.hello().runtime == "toy"
    assert session.hello().features == {"jspi"}
    pids = {run(session, "nothing").results[0]["pid"] for _ in range(20)}
    assert pids == {session.pid}
    assert session.starts == 1


@pytest.mark.parametrize(("what", "code"), [("exit", 7), ("segv", -signal.SIGSEGV)])
def test_a_crash_is_an_observation(toy: Callable[..., Session], what: str, code: int) -> None:
    """With its exit code or signal and its last words; the next script has a new runner."""
    session = toy()
    seen = run(session, what)
    assert (seen.end, seen.code) == ("crash", code)
    assert ("last words" in seen.stderr) == (what == "exit")
    assert run(session, "nothing").end == "done"
    assert session.starts == 2


def test_a_hang_ends_at_the_deadline(toy: Callable[..., Session]) -> None:
    """And not much later; the runner is gone."""
    session = toy()
    session.hello()
    pid = session.pid
    began = time.monotonic()
    assert run(session, "hang", 0.3).end == "deadline"
    assert time.monotonic() - began < 10
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert run(session, "nothing").end == "done"


def test_a_memory_hog_is_ended_at_the_limit(toy: Callable[..., Session]) -> None:
    """Long before the machine has none left."""
    session = toy(memory_limit=256 * MIB)
    assert run(session, "eat", 30).end == "memory"
    assert run(session, "nothing").end == "done"


def test_rubbish_on_stdout_is_kept_apart(toy: Callable[..., Session]) -> None:
    """It neither ends the session nor is taken for an answer."""
    seen = run(toy(), "noise")
    assert seen.end == "done"
    assert "rubbish" in seen.noise
    assert "[1]" in seen.noise


def test_a_flood_on_stderr_blocks_nobody(toy: Callable[..., Session]) -> None:
    """Its end is kept, the rest is not."""
    seen = run(toy(), "flood", 30)
    assert seen.end == "done"
    assert seen.stderr.endswith("the end")
    assert len(seen.stderr) <= 16 * 1024


def test_children_go_with_their_runner(toy: Callable[..., Session]) -> None:
    """Those too that made a session of their own."""
    session = toy()
    session.hello()
    assert session.pid is not None
    before = psutil.Process(session.pid)
    seen = run(session, "child", 0.5)
    assert seen.end == "deadline"
    assert not before.is_running()
    assert not [p for p in psutil.process_iter(["cmdline", "ppid"]) if p.info["cmdline"] == ["sleep", "60.125"]]


def test_nothing_stays_after_the_end(toy: Callable[..., Session]) -> None:
    """No process, no scratch folder."""
    session = toy()
    scratch = Path(session.hello().facts["tmp"])
    assert scratch.is_dir()
    pid = session.pid
    session.close()
    assert not scratch.exists()
    assert pid is not None
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize(
    ("hello", "words"),
    [
        ("sys.exit(3)", "exit code 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("time.sleep(60)", "no hello within 0.5 s"),
        ('say({"type": "hello"}); continue', "lacks 'runtime'"),
        ('say({"type": "hello", "findings": ["simd"]}); continue', "not as PROTOCOL.md says"),
    ],
)
def test_a_runner_that_cannot_say_hello_is_named(toy: Callable[..., Session], hello: str, words: str) -> None:
    """RunnerFailed tells how it ended."""
    startup = 0.5 if "sleep" in hello else 20.0
    with pytest.raises(RunnerFailed, match=words):
        toy(hello, startup=startup).hello()


def test_a_program_that_is_not_there_is_named() -> None:
    """Not a traceback of subprocess."""
    with pytest.raises(RunnerFailed, match="ended before its hello"):
        Session(["/no/such/program"]).hello()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells a runner of its host's death on Linux alone")
def test_a_runner_does_not_outlive_a_killed_host(tmp_path: Path) -> None:
    """Even while it is busy, and the host got SIGKILL; the next host deletes its scratch folder."""
    program = tmp_path / "runner.py"
    program.write_text(RUNNER.format(hello="pass", act="time.sleep(60)"))
    words = (
        "import sys; from runners.session import Session\n"
        f"session = Session([sys.executable, {str(program)!r}])\n"
        "print(session.said().facts['tmp'], session.pid, flush=True)\n"
        "session.run([{'do': 'hang'}], 50)"
    )
    host = subprocess.Popen(
        [sys.executable, "-c", words], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert host.stdout
    folder, _, pid = host.stdout.readline().strip().rpartition(" ")
    time.sleep(0.3)
    host.kill()
    host.wait()
    for _ in range(50):
        if not psutil.pid_exists(int(pid)):
            break
        time.sleep(0.1)
    assert not psutil.pid_exists(int(pid))
    assert Path(folder).is_dir()
    sweep_scratch()
    assert not Path(folder).exists()
    assert Path(folder).parent == Path(tempfile.gettempdir())
