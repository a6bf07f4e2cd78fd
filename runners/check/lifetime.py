"""A runner's life: its hello, its endurance, its end."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self, get_args

import psutil

from runners.check.bench import Bench
from runners.check.calls import i32, invoke
from runners.check.clause import Clauses, Violation, same
from runners.features import FEATURES
from runners.probing import State

__all__ = ["CLAUSES"]

CLAUSES = Clauses("lifetime")

GROWTH = 16 << 20
"""Bytes that a runner may grow over all the scripts: its allocator's and its garbage collector's leeway."""

WARM = 1_000
"""Scripts after which they are full, at the least: deno takes 15 MiB for the first thousand."""

ENDING = 15.0
"""Seconds for a runner to end."""


@CLAUSES()
def hello(bench: Bench) -> None:
    """hello names runtime and version, and tells of no feature that nobody knows"""
    seen = bench.hello
    if not (isinstance(seen.runtime, str) and seen.runtime and isinstance(seen.version, str) and seen.version):
        raise Violation(f"runtime {seen.runtime!r}, version {seen.version!r}")
    for name, finding in bench.session.said().findings.items():
        if name not in FEATURES:
            raise Violation(f"feature {name!r}: there is no such")
        if finding.state not in get_args(State):
            raise Violation(f"feature {name!r}: {finding.state!r} is none of {', '.join(get_args(State))}")


@CLAUSES()
def empty_script(bench: Bench) -> None:
    """An empty script is a script: no results"""
    same(list(bench.observe([]).results), [], "results")


@CLAUSES()
def one_answer(bench: Bench) -> None:
    """Each script has one answer, with the number that it came with"""
    for _ in range(3):
        _, seen = bench.run(bench.module("calls"), invoke("count"))
        same(seen.get("values"), [i32(1)], "its call")


@CLAUSES()
def non_ascii_path(bench: Bench) -> None:
    """A module's path may hold spaces and any UTF-8"""
    file = bench.file(bench.wasm("calls"), "größe 内容 🦀 %20/módulo #1?.wasm")
    _, seen = bench.run({"type": "module", **file}, invoke("count"))
    same(seen.get("values"), [i32(1)], "its first call")


def _leb128(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _section(number: int, content: bytes) -> bytes:
    return bytes([number]) + _leb128(len(content)) + content


def _large_module(size: int) -> bytes:
    """A module of about `size` bytes: a memory that one data segment fills but for its last page."""
    data = bytes(range(251)) * (size // 251)
    pages = _leb128(size // 65536 + 1)
    return b"".join(
        (
            b"\0asm\1\0\0\0",
            _section(5, b"\x01\x00" + pages),
            _section(7, b"\x01\x06memory\x02\x00"),
            _section(11, b"\x01\x00\x41\x00\x0b" + _leb128(len(data)) + data),
        )
    )


@CLAUSES()
def large_module(bench: Bench) -> None:
    """A module of 64 MiB is loaded, whole"""
    size = 64 << 20
    file = bench.file(_large_module(size), "large.wasm")
    last = size // 251 * 251 - 4
    _, end, pages = bench.run(
        {"type": "module", **file}, {"type": "read", "address": last, "length": 5}, {"type": "pages"}
    )
    same(end.get("bytes"), "9/j5+gA=", "the end of its data")
    same(pages.get("pages"), size // 65536 + 1, "pages")
    Path(file["path"]).unlink()


def _family(pid: int) -> Iterator[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        yield process
        yield from process.children(recursive=True)


def _memory(pid: int) -> int:
    """Bytes of memory of a process and its descendants, each byte that they share counted once for each."""
    total = 0
    for process in _family(pid):
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total


@CLAUSES()
def ten_thousand_scripts(bench: Bench) -> None:
    """Ten thousand scripts in one session, with traps and errors among them, do not make it grow"""
    scripts: list[list[dict[str, Any]]] = [
        [bench.module("calls"), invoke("count")],
        [bench.module("traps"), invoke("unreachable", results=())],
        [bench.module("memory"), invoke("grow", i32(1)), {"type": "write", "address": 0, "data": {"base64": "QUJD"}}],
        [bench.module("calls"), invoke("absent")],
    ]

    def run(count: int) -> None:
        for index in range(count):
            same(len(bench.observe(scripts[index % 4]).results), len(scripts[index % 4]), "number of results")

    run(max(bench.repeats // 5, WARM))  # pools, caches and the compiler's tiers fill
    pid = bench.session.pid
    if pid is None:
        raise Violation("the runner has ended")
    before = _memory(pid)
    run(bench.repeats)
    same(bench.session.pid, pid, "the runner's process")
    grown = _memory(pid) - before
    if grown > GROWTH:
        raise Violation(f"grew by {grown >> 20} MiB, from {before >> 20} MiB, in {bench.repeats} scripts")


class _Process:
    """A runner without a session's comforts: we want to see how it ends by itself."""

    def __init__(self, command: list[str]) -> None:
        # Those that start a session of their own can only be told while their parent is there.
        self.children: set[psutil.Process] = set()
        self.scratch = Path(tempfile.mkdtemp(prefix="runner-check-"))
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(self.scratch)},
            start_new_session=True,
        )
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise OSError("no pipes to the runner")
        self.stdin: IO[bytes] = stdin
        self.stdout: IO[bytes] = stdout

    def send(self, message: dict[str, Any]) -> None:
        self.stdin.write(json.dumps(message).encode() + b"\n")
        self.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """The next message. Violation where none comes within a minute."""
        # A runner that never answers is ended, and its stdout with it.
        timer = threading.Timer(60.0, self.process.kill)
        timer.start()
        try:
            line = self.stdout.readline()
        finally:
            timer.cancel()
        try:
            message: dict[str, Any] = json.loads(line)
        except ValueError:
            raise Violation(f"expected a message, seen {line[:200]!r}") from None
        self.children.update(child for child in _family(self.process.pid) if child.pid != self.process.pid)
        return message

    def _left(self) -> list[str]:
        """The names of the processes that are left: children seen before the end, and whatever is in its session."""
        found = []
        for process in {*self.children, *psutil.process_iter()}:
            with contextlib.suppress(psutil.Error, OSError):
                mine = process in self.children or os.getsid(process.pid) == self.process.pid
                if mine and process.pid != self.process.pid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process.name())
        return found

    def expect_end(self, *codes: int) -> None:
        """The process has ended with one of `codes` (any where none is given), and nothing of it is left."""
        try:
            code = self.process.wait(ENDING)
        except subprocess.TimeoutExpired:
            raise Violation(f"still there after {ENDING:g} s") from None
        if codes and code not in codes:
            raise Violation(f"expected exit code {codes[0]}, seen {code}")
        until = time.monotonic() + 2.0  # the kernel's own pace
        while (left := self._left()) and time.monotonic() < until:
            time.sleep(0.02)
        same(left, [], "processes left behind")
        same(sorted(entry.name for entry in self.scratch.iterdir()), [], "left behind in its scratch folder")

    def __enter__(self) -> Self:
        try:
            self.send({"type": "hello", "protocol": 1})
            same(self.receive().get("type"), "hello", "the first answer")
        except BaseException as error:
            self._close()
            if isinstance(error, OSError):
                raise Violation(f"it ended before its hello: {error}") from None
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.stdin, self.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def work(self, bench: Bench) -> None:
        """Makes it run a script, so that it has what there is to clean up."""
        self.send({"type": "run", "id": "any id", "script": [bench.module("calls"), invoke("count")]})
        seen = self.receive()
        same((seen.get("type"), seen.get("id")), ("observation", "any id"), "the answer to a run")


@CLAUSES()
def bye(bench: Bench) -> None:
    """`bye` ends it with 0, and nothing is left"""
    with _Process(bench.command) as runner:
        runner.work(bench)
        runner.send({"type": "bye"})
        runner.expect_end(0)


@CLAUSES()
def end_of_input(bench: Bench) -> None:
    """The end of standard input ends it with 0, and nothing is left"""
    with _Process(bench.command) as runner:
        runner.work(bench)
        runner.stdin.close()
        runner.expect_end(0)


@CLAUSES()
def sigterm(bench: Bench) -> None:
    """SIGTERM ends it, and nothing is left, while it waits and while a module runs that never comes back"""
    with _Process(bench.command) as runner:
        runner.work(bench)
        runner.process.terminate()
        runner.expect_end()
    with _Process(bench.command) as runner:
        runner.send({"type": "run", "id": 1, "script": [bench.module("loop"), invoke("forever", results=())]})
        time.sleep(1.0)
        same(runner.process.poll(), None, "exit code of a runner whose module loops")
        runner.process.terminate()
        runner.expect_end()
