"""A WASI program with threads, over an engine that has none for it: a process of its own, in which the first end of any
thread is the end of all, as `wasi-threads` wants it, and nothing stays behind, not even a thread that waits for ever.

The process is started anew, not forked: wasmtime's WASI has a runtime of threads that no fork brings along, and a
program that sleeps would never wake where a module has used WASI before.

https://github.com/WebAssembly/wasi-threads
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol

from runners.engine import EngineError, Exit, Trap, UncaughtException, WasiOutcome

__all__ = ["Spawn", "Start", "be", "run"]

_REFUSED = -1

_WRITE = os.O_CREAT | os.O_WRONLY | os.O_APPEND
_STREAMS = {"stdin": os.O_RDONLY, "stdout": _WRITE, "stderr": _WRITE}
"""By descriptor: the files of the program's standard streams, in its scratch folder."""

Spawn = Callable[[int], int]
"""The import: starts a thread with this argument; the thread's number, or below 0 where there is none to be had."""


class Start(Protocol):
    """Makes an instance of the program, which imports `spawn`, and gives the call of one of its exports with i32s.

    The instance is used by one thread, and not by the one that makes it. Errors: as `Store.instantiate`."""

    def __call__(self, spawn: Spawn) -> Callable[..., object]: ...


def run(command: Sequence[str], stdin: bytes, scratch: Path) -> WasiOutcome:
    """Runs a program to its end: `command` starts the process, which calls `be` with the same `scratch`.

    `scratch` is a folder for its use. A process that is ended by a signal takes this one along: it is a crash of the
    engine."""
    (scratch / "stdin").write_bytes(stdin)
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    code = ended.returncode
    if code < 0:
        os.kill(os.getpid(), -code)
    if code:
        said = ended.stderr + (scratch / "stderr").read_bytes() if (scratch / "stderr").exists() else ended.stderr
        raise RuntimeError(f"the process of a program ended with {code}: {said.decode(errors='replace')[-2000:]}")
    stdout, stderr = ((scratch / name).read_bytes() for name in ("stdout", "stderr"))
    kind, *told = json.loads((scratch / "outcome").read_text())
    outcome = _ENDS[kind](*told)
    if isinstance(outcome, Exit):
        return WasiOutcome(outcome.code, stdout, stderr)
    return WasiOutcome(None, stdout, stderr, outcome)


def be(start: Start, scratch: Path) -> NoReturn:
    """Is the program, in this process and to its end, with the standard streams that `scratch` has."""
    try:
        for number, (name, flags) in enumerate(_STREAMS.items()):
            os.dup2(os.open(scratch / name, flags), number)
        _Program(start, scratch / "outcome").run()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


class _Program:
    """The process: its main thread runs `_start`."""

    def __init__(self, start: Start, outcome: Path) -> None:
        self._start, self._outcome = start, outcome
        self._numbers = itertools.count(1)
        self._ending = threading.Lock()

    def run(self) -> NoReturn:
        try:
            self._start(self.spawn)("_start")
        except BaseException as error:
            self._end(error)
        self._end(Exit(0))

    def spawn(self, argument: int) -> int:
        number = next(self._numbers)
        try:
            call = self._start(self.spawn)
            threading.Thread(target=self._thread, args=(call, number, argument), daemon=True).start()
        except (EngineError, RuntimeError) as error:
            os.write(2, f"thread {number}: {error}\n".encode())
            return _REFUSED
        return number

    def _thread(self, call: Callable[..., object], number: int, argument: int) -> None:
        try:
            call("wasi_thread_start", number, argument)
        except BaseException as error:
            self._end(error)

    def _end(self, error: BaseException) -> NoReturn:
        self._ending.acquire()  # and never let go: whoever ends later waits for the end of the process
        try:
            self._outcome.write_text(json.dumps(_written(error)))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)


def _written(error: BaseException) -> list[Any]:
    if isinstance(error, Exit):
        return ["exit", error.code]
    if isinstance(error, Trap):
        return ["trap", error.kinds, str(error)]
    if isinstance(error, UncaughtException):
        return ["exception", str(error)]
    if isinstance(error, EngineError):
        return ["error", error.phase, str(error), error.name]
    raise error


_ENDS: Mapping[str, Callable[..., Exception]] = {
    "exit": Exit,
    "trap": Trap,
    "exception": UncaughtException,
    "error": EngineError,
}
"""By the first word of what `_written` gives, which is followed by the arguments."""
