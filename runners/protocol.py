"""The runner's side of PROTOCOL.md: JSON lines on standard input and output, and an orderly end of each session."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Protocol

from runners._guard import end_with
from runners.engine import Asked, Engine, Limited
from runners.interpreter import Interpreter

__all__ = ["GRACE", "VERSION", "Interpreted", "Runner", "serve", "serve_runner"]

VERSION = 1

GRACE = 10.0
"""Seconds that a script may still take after its host is gone (`echo … | runner` is no host that is gone)."""

_NO_DEADLINE = 3600.0  # seconds, where the host names none


class Runner(Protocol):
    """What a session asks of a runner."""

    def hello(self) -> dict[str, Any]:
        """What it says of itself: `runtime`, `version`, `facts`, perhaps `findings`; PROTOCOL.md, `hello`."""
        ...

    def run(self, script: Any, deadline: float) -> list[dict[str, Any]]:
        """The results of `script`, in order; for any script. The host holds the `deadline` (s): a runner may, too."""
        ...


class _Wire:
    """The protocol's own ends. What anything else in this process prints goes to standard error."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._in: BinaryIO = os.fdopen(os.dup(0), "rb")
        # A module that reads standard input must not eat the host's messages.
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)

    @property
    def input(self) -> int:
        return self._in.fileno()

    def receive(self) -> dict[str, Any] | None:
        """The next message, or None at the end. Errors: ValueError."""
        line = self._in.readline()
        if not line:
            return None
        message = json.loads(line)
        if not isinstance(message, dict):
            raise ValueError(f"not a message: {line[:200]!r}")
        return message

    def send(self, message: dict[str, Any]) -> None:
        self._out.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        self._out.flush()


def _watch(end: Callable[[], None], wire: _Wire) -> None:
    """Ends the process on SIGTERM, and soon after the host has gone, even while a module runs and never comes back.

    Python's own handlers would wait for the call into the engine to return."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # in all threads, as they are made after this one

    def on_signal() -> None:
        signal.sigwait({signal.SIGTERM})
        end()

    def on_hang_up() -> None:
        poll = select.poll()
        poll.register(wire.input, 0)  # no event but the hang-up, which cannot be masked
        poll.poll()
        time.sleep(GRACE)
        end()

    for watch in (on_signal, on_hang_up):
        threading.Thread(target=watch, daemon=True).start()


def serve(start: Callable[[], Engine], *, holds_gil: bool = False) -> int:
    """As `serve_runner`, with the interpreter in Python on the engine that `start` makes."""
    return serve_runner(lambda scratch: Interpreted(start(), scratch, threads=not holds_gil), holds_gil=holds_gil)


def serve_runner(start: Callable[[Path], Runner], *, holds_gil: bool = False) -> int:
    """Serves one session on the runner that `start` makes, with a scratch folder of its own, and ends the process.

    Its exit code: 0, 1 after a fault of ours (the traceback is on standard error), 2 for what is not the protocol.
    `holds_gil`: while the engine runs a module no other thread of its process can, so the engine gets a process of its
    own, which this one watches.
    """
    wire = _Wire()
    scratch = Path(tempfile.mkdtemp(prefix="runner-"))
    if holds_gil:
        parent = os.getpid()
        if child := os.fork():
            _stand_by(child, wire, scratch)
        # A killed watcher takes this process along. Elsewhere than on Linux it ends when it next reads its input.
        end_with(parent, signal.SIGKILL)

    def end(code: int = 0) -> None:
        shutil.rmtree(scratch, ignore_errors=True)
        sys.stderr.flush()
        # At once: threads may still be in a module, and the engine's own destructors would wait for or trip over them.
        os._exit(code)

    _watch(end, wire)
    try:
        code = _loop(wire, start(scratch))
    except BrokenPipeError:
        code = 0
    except BaseException:
        traceback.print_exc()
        code = 1
    end(code)
    return code


def _stand_by(child: int, wire: _Wire, scratch: Path) -> NoReturn:
    """Ends as the child does, and ends it where this process has to end."""

    def end(code: int = 0) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(code)

    _watch(end, wire)
    _, status = os.waitpid(child, 0)
    shutil.rmtree(scratch, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:  # a signal: the host shall see the same
        os.kill(os.getpid(), -code)
    os._exit(code)


def _loop(wire: _Wire, runner: Runner) -> int:
    while True:
        try:
            message = wire.receive()
        except ValueError as error:
            sys.stderr.write(f"not the protocol: {error}\n")
            return 2
        kind = None if message is None else message.get("type")
        if message is None or kind == "bye":
            return 0
        if kind == "hello":
            wire.send({"type": "hello", "protocol": VERSION, **runner.hello()})
        elif kind == "run":
            wire.send(_observe(runner, message))
        else:
            sys.stderr.write(f"not a type of message: {kind!r}\n")
            return 2


class Interpreted:
    """A runner of an engine. `scratch` and `threads` as of `Interpreter`."""

    def __init__(self, engine: Engine, scratch: Path, *, threads: bool = True) -> None:
        self._engine, self._interpreter = engine, Interpreter(engine, scratch, threads=threads)

    def hello(self) -> dict[str, Any]:
        facts = {"python": sys.version.split()[0], **self._engine.facts}
        own = {"findings": self._engine.findings()} if isinstance(self._engine, Asked) else {}
        return {"runtime": self._engine.runtime, "version": self._engine.version, "facts": facts, **own}

    def run(self, script: Any, deadline: float) -> list[dict[str, Any]]:
        with self._engine.limit(deadline) if isinstance(self._engine, Limited) else nullcontext():
            return self._interpreter.run(script)


def _observe(runner: Runner, message: dict[str, Any]) -> dict[str, Any]:
    start = time.perf_counter()
    results = runner.run(message.get("script"), message.get("deadline", _NO_DEADLINE))
    seconds = time.perf_counter() - start
    return {"type": "observation", "id": message.get("id"), "results": results, "seconds": seconds}
