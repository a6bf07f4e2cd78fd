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

from runners.processes import sweep_scratch
from runners.session import MIB, RunnerFailed, Session

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


def raw(tmp_path: Path, program: str, **options: object) -> Session:
    """A session with a runner that is this Python program."""
    path = tmp_path / "raw.py"
    path.write_text("import json, os, signal, sys, time\n" + textwrap.dedent(program))
    return Session([sys.executable, str(path)], **options)  # type: ignore[arg-type]


HELLO = """
def say(message, out=sys.stdout.buffer):
    out.write(json.dumps(message).encode() + b"\\n")
    out.flush()
def answer(message, **more):
    results = [{} for _ in message["script"]]
    say({"type": "observation", "id": message["id"], "results": results, "seconds": 0.5, **more})
sys.stdin.readline()
say({"type": "hello", "protocol": 1, "runtime": "raw", "version": "1"})
"""
LOOP = """
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "bye":
        break
    if message["script"] and message["script"][0].get("do") == "it":
        %s
    answer(message)
"""
ASK = [{"do": "it"}]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("answer({**message, 'id': message['id'] + 1})", "it answered"),
        ("answer({**message, 'id': None})", "it answered None"),
        ("answer(message, results=7)", "no list of objects"),
        ("answer(message, results=[7])", "no list of objects"),
        ("answer(message, seconds='soon')", "no number"),
        ("answer(message, facts=[])", "no object"),
        ("os.close(1); time.sleep(60)", "closed its standard output and lived on"),
        (
            "os.close(1); signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        while True: os.write(2, b'x' * 4096)",
            "lived on",
        ),
        ("while True: os.write(1, b'x' * 65536)", "without the end of a line"),
        ("while True: os.write(1, b'rubbish\\n' * 4096)", "no answer on its standard output"),
        ("while True: os.write(1, b'\\xff\\0{\\n' * 4096)", "no answer on its standard output"),
        ("while True: say({'type': 'hello'})", "no answer on its standard output"),
    ],
)
def test_a_broken_protocol_is_one_observation(tmp_path: Path, act: str, words: str) -> None:
    """It is named in a line, long before the deadline; the host does not grow; the next script has a new runner."""
    with raw(tmp_path, HELLO + LOOP % act) as session:
        session.hello()
        before, began = psutil.Process().memory_info().rss, time.monotonic()
        seen = session.run(ASK, 60.0)
        assert seen.end == "protocol"
        assert words in seen.ending
        assert "\n" not in seen.ending
        assert time.monotonic() - began < 30
        assert psutil.Process().memory_info().rss - before < 64 * MIB
        assert session.run([], 5.0).end == "done"


@pytest.mark.parametrize(
    "act",
    [
        "os.write(1, b'half a line')",  # its own answer is spoilt with it
        "os.write(1, b'[' * 200_000 + b'\\n'); continue",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        "while True: os.write(2, b'x' * 65536)",
        "sys.stdin.close(); time.sleep(60)",
    ],
)
def test_no_answer_is_a_deadline(tmp_path: Path, act: str) -> None:
    """Whatever else the runner does or says; it is gone, though it may ignore SIGTERM."""
    with raw(tmp_path, HELLO + LOOP % act) as session:
        session.hello()
        before = psutil.Process().memory_info().rss
        pid, began = session.pid, time.monotonic()
        seen = session.run(ASK, 1.0)
        assert (seen.end, seen.ending) == ("deadline", "no answer within 2 s")
        assert time.monotonic() - began < 15
        assert pid is not None
        assert not psutil.pid_exists(pid)
        assert psutil.Process().memory_info().rss - before < 64 * MIB
        assert session.run([], 5.0).end == "done"


def test_a_runner_that_gives_its_last_answer_is_ended_and_another_takes_the_next_script(tmp_path: Path) -> None:
    with raw(tmp_path, HELLO + LOOP % "answer(message, last=True); continue") as session:
        assert session.run(ASK, 5.0).end == "done"
        assert session.pid is None
        assert session.run([{}], 5.0).end == "done"
        assert session.starts == 2


def test_a_second_answer_is_noise(tmp_path: Path) -> None:
    """It is not taken for the answer to the next script, and can be seen."""
    with raw(tmp_path, HELLO + LOOP % "answer(message, facts={'first': True})") as session:
        session.hello()
        assert session.run(ASK, 5.0).facts == {"first": True}
        seen = session.run([{}, {}], 5.0)
        assert (seen.end, len(seen.results), dict(seen.facts)) == ("done", 2, {})
        assert "observation" in seen.noise


def test_a_message_of_ten_megabytes_on_stderr(tmp_path: Path) -> None:
    """Neither slows the session nor stays in it, a hundred times over."""
    act = "sys.stderr.write('at deep\\n' * 1_250_000); sys.stderr.flush()"
    with raw(tmp_path, HELLO + LOOP % act) as session:
        session.hello()
        before, began = psutil.Process().memory_info().rss, time.monotonic()
        for _ in range(100):
            assert session.run(ASK, 10.0).end == "done"
        assert time.monotonic() - began < 60
        assert psutil.Process().memory_info().rss - before < 16 * MIB


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("print('loading …', flush=True); time.sleep(60)", "no hello within 2 s; on its standard output: loading"),
        ("print('loading …', end='', flush=True)" + HELLO + "time.sleep(60)", "no hello within 2 s; .*loading"),
        (
            "sys.exit('no such engine')",
            "ended before its hello with exit code 1; on its standard error: no such engine",
        ),
        ("sys.exit(3)", "ended before its hello with exit code 3$"),
        ("os.close(1); time.sleep(60)", "closed its standard output"),
        ("while True: os.write(1, b'x' * 65536)", "broke the protocol before its hello: .*without the end of a line"),
        (
            "while True: os.write(1, b'rubbish\\n')",
            "broke the protocol before its hello: .*; on its standard output: rubbish",
        ),
        ("while True: os.write(2, b'x' * 65536)", "no hello within 2 s"),
        ("os.write(2, b'x' * (10 << 20)); sys.exit(4)", "exit code 4"),
    ],
)
def test_what_comes_instead_of_a_hello_is_named(tmp_path: Path, program: str, words: str) -> None:
    """In one line, with the runner's last words; nothing is left of it."""
    startup = 20.0 if "broke" in words or "exit" in words else 2.0
    with raw(tmp_path, program, startup=startup) as session:
        with pytest.raises(RunnerFailed, match=words) as failure:
            session.hello()
        assert "\n" not in str(failure.value)
        assert len(str(failure.value)) < 1000
        assert session.pid is None


def test_rubbish_before_the_hello_harms_nobody(tmp_path: Path) -> None:
    """Whole lines of it; the hello is found behind them."""
    program = r"os.write(1, b'starting \xff\n[1]\n{}\n' + b'x' * 100_000 + b'\n')" + HELLO + LOOP % "pass"
    with raw(tmp_path, program) as session:
        assert session.hello().runtime == "raw"
        assert session.run(ASK, 5.0).end == "done"


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
        ('say({"type": "hello"}); continue', "its hello has no runtime"),
        (
            'say({"type": "hello", "runtime": "a", "version": "b", "findings": ["simd"]}); continue',
            "findings no object",
        ),
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
def test_a_runner_does_not_outlive_a_killed_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even while it is busy, and the host got SIGKILL; the next host deletes its scratch folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # no other run of this machine sweeps here
    program = tmp_path / "runner.py"
    program.write_text(RUNNER.format(hello="pass", act='if what == "hang": time.sleep(60)'))
    words = (
        "import sys; from runners.session import Session\n"
        f"session = Session([sys.executable, {str(program)!r}])\n"
        "print(session.said().facts['tmp'], session.pid, flush=True)\n"
        "session.run([{'do': 'hang'}], 50)"
    )
    host = subprocess.Popen(
        [sys.executable, "-c", words], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path)},
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
