"""Stress disturbs a runner and no more: what it binds is free again afterwards, and what it starts is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from runners.stress import busy, lacking, pinned, shaken

pytestmark = pytest.mark.skipif(lacking() is not None, reason=lacking() or "")
MORE = pytest.mark.skipif(lacking() is not None or len(os.sched_getaffinity(0)) < 2, reason="one core alone")
THREADS = (
    "import threading, time\n"
    "def spin():\n"
    "    while True: time.sleep(0.001)\n"
    "for _ in range(3): threading.Thread(target=spin, daemon=True).start()\n"
    "print('up', flush=True)\n"
    "while True: threading.Thread(target=time.sleep, args=(0.05,)).start(); time.sleep(0.02)\n"
)


@pytest.fixture
def threads() -> Iterator[int]:
    """A process with a few threads, some of them new all the time, in a session of its own as a runner is."""
    process = subprocess.Popen([sys.executable, "-c", THREADS], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout
    assert process.stdout.readline() == b"up\n"
    yield process.pid
    process.kill()
    process.wait()
    process.stdout.close()


def _cores(pid: int) -> set[frozenset[int]]:
    """What each of its threads may run on."""
    found = set()
    for thread in psutil.Process(pid).threads():
        try:
            found.add(frozenset(os.sched_getaffinity(thread.id)))
        except OSError:  # it has ended
            continue
    return found


@MORE
def test_what_is_started_on_one_core_stays_there() -> None:
    """Children and theirs; this process itself is free again."""
    before = os.sched_getaffinity(0)
    nested = (sys.executable, "-c", "import os; print(len(os.sched_getaffinity(0)))")
    with pinned():
        assert len(os.sched_getaffinity(0)) == 1
        said = subprocess.check_output([sys.executable, "-c", f"import subprocess; subprocess.run({nested!r})"])
    assert said == b"1\n"
    assert os.sched_getaffinity(0) == before


@MORE
def test_threads_are_moved_and_free_again(threads: int) -> None:
    """All of them, those too that began meanwhile."""
    everywhere = {frozenset(os.sched_getaffinity(threads))}
    seen: set[frozenset[int]] = set()
    with shaken(threads):
        for _ in range(50):
            seen |= _cores(threads)
            time.sleep(0.01)
    assert len({cores for cores in seen if len(cores) == 1}) > 1
    for _ in range(5):
        assert _cores(threads) == everywhere
        time.sleep(0.02)


def test_a_runner_that_dies_meanwhile_is_no_matter(threads: int) -> None:
    with shaken(threads):
        os.kill(threads, signal.SIGKILL)
        time.sleep(0.1)


def _spinning(parent: int) -> list[psutil.Process]:
    return [child for child in psutil.Process(parent).children() if "while True: pass" in child.cmdline()]


def test_every_core_is_busy_and_then_nothing_is_left() -> None:
    with busy():
        spinning = _spinning(os.getpid())
        assert len(spinning) == len(os.sched_getaffinity(0))
    assert not any(process.is_running() for process in spinning)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind_however_it_ends(how: signal.Signals) -> None:
    """Ctrl-C, or the death of the process that asked for it."""
    program = "import time, runners.stress as s\nwith s.busy():\n    print('busy', flush=True)\n    time.sleep(60)\n"
    host = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert host.stdout
    assert host.stdout.readline() == b"busy\n"
    for _ in range(200):
        if len(spinning := _spinning(host.pid)) == len(os.sched_getaffinity(0)):
            break
        time.sleep(0.05)
    assert len(spinning) == len(os.sched_getaffinity(0))
    host.send_signal(how)
    host.wait(20)
    host.stdout.close()
    _, alive = psutil.wait_procs(spinning, 5)
    assert alive == []
