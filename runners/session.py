"""A runner from the host's side: start it, send it scripts, contain whatever happens to it.

A crash, a hang, a memory hog are observations (`Observation.end`), never exceptions: only a runner that cannot even say
hello raises `RunnerFailed`.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import psutil

from runners import probing

__all__ = ["Hello", "Observation", "RunnerFailed", "Session", "encode", "family_of", "guarded", "sweep_scratch"]

PROTOCOL = 1
MIB = 1 << 20
_PREFIX = "wasm-matrix-"
_POLL = 0.2  # seconds between looks at a busy runner's memory
_NOISE = 4096  # bytes of rubbish on stdout kept as evidence
_RUBBISH = 16 * MIB  # more of it in one exchange is not waited for
_STDERR = 16 * 1024  # bytes of stderr's end kept
_LINE = 256 * MIB  # one message is never longer
_GUARD = str(Path(__file__).with_name("_guard.py"))


class RunnerFailed(Exception):
    """The runner did not get as far as its hello. The message says how it ended; `stderr` is the end of its stderr."""

    def __init__(self, message: str, stderr: str = "") -> None:
        super().__init__(message)
        self.stderr = stderr


@dataclass(frozen=True)
class Hello:
    """What a runner said of itself (PROTOCOL.md, `hello`), and what probes found out.

    `features` are the names of those that were executed with the right answer; `findings` tell of all that were asked.
    """

    runtime: str
    version: str
    features: frozenset[str]
    facts: Mapping[str, Any]
    findings: Mapping[str, probing.Finding] = field(default_factory=dict)


End = Literal["done", "crash", "deadline", "memory", "protocol"]


@dataclass(frozen=True)
class Observation:
    """What a runner saw of one script. Never a judgement.

    `results` has one entry for each command that was carried out. `end` tells how the script ended: `done` (the runner
    answered), `crash` (it died: `code` is its exit code, or minus the signal's number), `deadline`, `memory` or
    `protocol` (the host ended it: too late, too large, or by a `breach` of PROTOCOL.md, which is told in a line).
    `seconds` is the runner's own time (the host's where it did not answer).
    """

    end: End
    results: Sequence[Mapping[str, Any]] = ()
    seconds: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)
    code: int | None = None
    stderr: str = ""
    noise: str = ""
    breach: str = ""

    @property
    def ending(self) -> str:
        """How a script that did not end well ended, in a line."""
        if self.end == "protocol":
            return self.breach
        if self.end == "deadline":
            return f"no answer within {self.seconds:.0f} s"
        if self.end == "memory":
            return "ended by the host at its memory limit"
        words = " ".join(self.stderr.strip().splitlines()[:2])  # a panic takes two lines, and its stack comes after
        return _how(self.code or 0) + (f": {words}" if words else "")


class _Breach(Exception):
    """The runner broke the protocol, in a way that no waiting mends; the message says how, in a line."""


class _Gone(Exception):
    """The runner closed its stdout."""


class Session:
    """One runner process, started at the first need and again after each crash.

    `command` is the runner's command line; `memory_limit` (bytes) bounds the resident memory of each of its processes;
    `folder` is where it works (without: in its scratch folder); `startup` (seconds) is how long it may take to say
    hello; `death_signal` is what the kernel sends it when the host dies (a browser's runner wants SIGTERM, to take its
    browser along).
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        memory_limit: int = 2048 * MIB,
        startup: float = 60.0,
        death_signal: signal.Signals = signal.SIGKILL,
        grace: float = 5.0,
    ) -> None:
        self.command, self.environment, self.folder = list(command), dict(environment or {}), folder
        self.memory_limit, self.startup, self.death_signal, self.grace = memory_limit, startup, death_signal, grace
        self.starts = 0
        self._hello: Hello | None = None
        self._findings: dict[str, probing.Finding] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: Path | None = None
        self._received, self._stderr, self._noise = bytearray(), bytearray(), bytearray()
        self._rubbish = 0
        self._next = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The running process, if there is one."""
        return self._process.pid if self._process else None

    def hello(self) -> Hello:
        """What the runner says of itself and, once a session, what probes show; starts it when it is not running.

        Raises RunnerFailed.
        """
        self.said()
        if self._findings is None:
            with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder:
                self._findings = probing.ask(self.run, Path(folder))
        said = self.said()  # a probe may have killed it
        findings = {**self._findings, **said.findings}
        return replace(said, features=_executed(findings), findings=findings)

    def said(self) -> Hello:
        """The runner's own words alone; starts it when it is not running. Raises RunnerFailed."""
        if self._process is None or self._hello is None or self._process.poll() is not None:
            self._start()
        assert self._hello is not None
        return self._hello

    def run(self, script: Sequence[Mapping[str, Any]] | bytes, deadline: float) -> Observation:
        """Carries out one script within `deadline` seconds. Raises RunnerFailed when the runner cannot be started.

        A script that is asked of many runners may be given as the JSON that `encode` makes of it.
        """
        self.said()
        self._next += 1
        self._noise.clear()
        self._stderr.clear()
        began = time.perf_counter()
        text = script if isinstance(script, bytes) else encode(script)
        message = b'{"type":"run","id":%d,"deadline":%f,"script":%b}' % (self._next, deadline, text)
        # The runner may hold a deadline of its own (a page ends its worker), so it gets a moment to say so.
        limit = began + deadline + 1.0
        try:
            answer = self._exchange(message, limit, self._answers)
            observation = self._observed(answer)
            if answer.get("last"):
                self.close()
            return observation
        except TimeoutError:
            self._kill()
            return self._ended("deadline", began)
        except MemoryError:
            self._kill()
            return self._ended("memory", began)
        except _Breach as breach:
            self._kill()
            return self._ended("protocol", began, breach=str(breach))
        except _Gone:
            code = self._reap()
            if code is None:
                return self._ended("protocol", began, breach="it closed its standard output and lived on")
            return self._ended("crash", began, code)
        except BaseException:  # Ctrl-C in the host: a later session starts afresh
            self._kill()
            raise

    def _answers(self, message: Mapping[str, Any]) -> bool:
        """Whether it is the answer to the script that was sent last. An old one's, come twice, is noise."""
        if message.get("type") != "observation":
            return False
        number = message.get("id")
        if number == self._next:
            return True
        if not isinstance(number, int) or not 0 < number < self._next:
            raise _Breach(f"it answered {number!r:.80}, and was asked {self._next}")
        return False

    def _observed(self, answer: Mapping[str, Any]) -> Observation:
        results, seconds, facts = answer.get("results"), answer.get("seconds", 0.0), answer.get("facts", {})
        if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
            raise _Breach("the results of its observation are no list of objects")
        if not isinstance(seconds, (int, float)) or not isinstance(facts, dict):
            raise _Breach("its observation has seconds that are no number, or facts that are no object")
        noise = self._noise.decode(errors="replace")
        return Observation("done", results, float(seconds), facts, stderr=self._tail(), noise=noise)

    def close(self) -> None:
        """Says bye and makes sure that nothing stays: no process, no folder."""
        process = self._process
        if process is not None and process.poll() is None:
            with contextlib.suppress(OSError, TimeoutError, _Gone, _Breach, MemoryError):
                self._exchange(b'{"type":"bye"}', time.perf_counter() + self.grace, lambda _: False)
        self._kill()

    # -- starting and ending ------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._kill()
        self._scratch = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        scratch = str(self._scratch)
        environment = {**os.environ, "TMPDIR": scratch, "HOME": scratch, "LANG": "C.UTF-8", **self.environment}
        try:
            self._process = subprocess.Popen(
                [*guarded(self.death_signal), *self.command],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment, cwd=self.folder or scratch, start_new_session=True, bufsize=0,
            )  # fmt: skip
        except OSError as error:
            self._remove_scratch()
            raise RunnerFailed(f"could not be started: {error}") from error
        self.starts += 1
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            os.set_blocking(stream.fileno(), False)
        for buffer in (self._received, self._stderr, self._noise):
            buffer.clear()
        try:
            said = self._exchange(
                b'{"type":"hello","protocol":%d}' % PROTOCOL,
                time.perf_counter() + self.startup,
                lambda m: m.get("type") == "hello",
            )
            self._hello = _hello_of(said)
        except TimeoutError:
            self._kill()
            raise self._failed(f"said no hello within {self.startup:g} s") from None
        except MemoryError:
            self._kill()
            raise self._failed("grew past the memory limit before its hello") from None
        except _Breach as breach:
            self._kill()
            raise self._failed(f"broke the protocol before its hello: {breach}") from None
        except _Gone:
            code = self._reap()
            ended = "closed its standard output" if code is None else f"ended before its hello with {_how(code)}"
            raise self._failed(ended) from None
        except BaseException:
            self._kill()
            raise

    def _failed(self, what: str) -> RunnerFailed:
        """What happened before the hello, with the runner's last words on either stream."""
        for stream, words in (("error", self._tail()), ("output", self._noise.decode(errors="replace"))):
            if lines := words.strip().splitlines():
                what += f"; on its standard {stream}: {lines[-1][:200]}"
        return RunnerFailed(what, self._tail())

    def _reap(self) -> int | None:
        """The exit code of a runner that has closed its stdout, None where it lives on; and an end to all of it."""
        assert self._process is not None
        code = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(2.0)
        self._drain_stderr()
        self._kill()
        return code

    def _kill(self) -> None:
        """Ends the runner and all that descends from it: SIGTERM first, so that a browser's runner can clean up."""
        process, self._process = self._process, None
        if process is None:
            return
        family = _descendants(process.pid)
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self.grace if self.death_signal == signal.SIGTERM else 0.2)
        family += family_of(process.pid)
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
        process.wait()
        psutil.wait_procs(family, 2.0)  # SIGKILL takes a moment, and what follows must find nothing
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._received.clear()
        self._remove_scratch()

    def _remove_scratch(self) -> None:
        scratch, self._scratch = self._scratch, None
        if scratch is None:
            return
        for _ in range(20):  # a browser's helper that is just dying may still write
            shutil.rmtree(scratch, ignore_errors=True)
            if not scratch.exists():
                return
            time.sleep(0.05)

    def _ended(self, end: End, began: float, code: int | None = None, breach: str = "") -> Observation:
        return Observation(
            end, seconds=time.perf_counter() - began, code=code, stderr=self._tail(),
            noise=self._noise.decode(errors="replace"), breach=breach,
        )  # fmt: skip

    def _tail(self) -> str:
        return self._stderr[-_STDERR:].decode(errors="replace")

    # -- talking ------------------------------------------------------------------------------------------------------

    def _exchange(self, message: bytes, limit: float, wanted: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """Sends a message (JSON on one line) and reads until the wanted one comes.

        Reads and writes at once, so that a runner that floods its stderr cannot block us. Raises TimeoutError at
        `limit`, MemoryError when a process of the runner is too large, _Gone when its stdout ends, _Breach.
        """
        process = self._process
        assert process is not None
        assert process.stdin
        assert process.stdout
        assert process.stderr
        pending = memoryview(message + b"\n")
        self._rubbish = 0
        last_look = time.perf_counter()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(process.stderr, selectors.EVENT_READ)
            pending = self._send(process.stdin.fileno(), pending)
            if pending:
                selector.register(process.stdin, selectors.EVENT_WRITE)
            while True:
                for key, _ in selector.select(_POLL):
                    if key.fileobj is process.stdin:
                        pending = self._send(process.stdin.fileno(), pending)
                        if not pending:
                            selector.unregister(process.stdin)
                        continue
                    data = _read(key.fd)
                    if data is None:
                        continue
                    if key.fileobj is process.stderr:
                        if not data:
                            selector.unregister(process.stderr)
                        self._stderr += data
                        del self._stderr[: -4 * _STDERR]
                        continue
                    if not data:
                        raise _Gone
                    lines = self._lines(data)
                    for index, line in enumerate(lines):
                        received = _message(line)
                        if received is not None and wanted(received):
                            # What follows an answer is not lost: the next exchange looks at it.
                            self._received[:0] = b"".join(later + b"\n" for later in lines[index + 1 :])
                            return received
                        self._heard(line)
                now = time.perf_counter()
                if now > limit:
                    raise TimeoutError
                if now - last_look > _POLL:
                    last_look = now
                    self._look_at_memory(process.pid)

    @staticmethod
    def _send(fd: int, pending: memoryview) -> memoryview:
        try:
            while pending:
                pending = pending[os.write(fd, pending) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            return pending[:0]  # its stdout tells us the rest
        return pending

    def _lines(self, data: bytes) -> list[bytes]:
        """The lines that end in what came; the rest waits for its end."""
        if b"\n" not in data:
            self._received += data
            if len(self._received) > _LINE:
                raise _Breach(f"it wrote {_LINE // MIB} MiB without the end of a line")
            return []
        *lines, rest = (bytes(self._received) + data).split(b"\n")
        self._received = bytearray(rest)
        return lines

    def _heard(self, line: bytes) -> None:
        """What is no answer is noise: a little of it is kept as evidence, and much of it is not waited for."""
        self._rubbish += len(line) + 1
        if len(self._noise) < _NOISE:
            self._noise += line[:_NOISE] + b"\n"
        if self._rubbish > _RUBBISH:
            raise _Breach(f"it wrote more than {_RUBBISH // MIB} MiB that are no answer on its standard output")

    def _drain_stderr(self) -> None:
        """What a pipe still holds, and no more: somebody may go on writing."""
        assert self._process is not None
        assert self._process.stderr
        for _ in range(16):
            data = _read(self._process.stderr.fileno())
            if not data:
                return
            self._stderr += data
            del self._stderr[: -4 * _STDERR]

    def _look_at_memory(self, pid: int) -> None:
        for member in family_of(pid):
            with contextlib.suppress(psutil.Error):
                if member.memory_info().rss > self.memory_limit:
                    raise MemoryError


def _executed(findings: Mapping[str, probing.Finding]) -> frozenset[str]:
    return frozenset(name for name, finding in findings.items() if finding == probing.EXECUTED)


def _message(line: bytes) -> Mapping[str, Any] | None:
    """The object that a line holds, None where it holds none."""
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _hello_of(said: Mapping[str, Any]) -> Hello:
    """Raises _Breach where it is not as PROTOCOL.md wants it."""
    runtime, version, facts = said.get("runtime"), said.get("version"), said.get("facts", {})
    for key, value in (("runtime", runtime), ("version", version)):
        if not isinstance(value, str):
            raise _Breach(f"its hello has no {key}, or one that is no string")
    if not isinstance(facts, dict):
        raise _Breach("the facts of its hello are no object")
    try:
        own = dict.fromkeys(said.get("features", ()), probing.EXECUTED)
        own |= {name: probing.Finding(**finding) for name, finding in said.get("findings", {}).items()}
    except (AttributeError, TypeError):
        raise _Breach("the features of its hello are no list, or its findings no object of findings") from None
    return Hello(str(runtime), str(version), _executed(own), facts, own)


def _read(fd: int) -> bytes | None:
    """What is there; None when nothing is yet, empty at the end."""
    try:
        return os.read(fd, MIB)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def family_of(pid: int) -> list[psutil.Process]:
    """All processes of a runner's session: its descendants too when they have lost their parent."""
    members = []
    for other in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(other) == pid:
                members.append(psutil.Process(other))
    return members


def _descendants(pid: int) -> list[psutil.Process]:
    """Those too that started a session of their own. Slower than `family_of`: it reads the whole process table."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=True)
    return []


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def encode(script: Sequence[Mapping[str, Any]]) -> bytes:
    """A script as it goes to a runner: JSON on one line."""
    return json.dumps(script, separators=(",", ":")).encode()


def guarded(death_signal: signal.Signals) -> list[str]:
    """What a command line begins with whose process must not outlive this one: see _guard.py."""
    return [sys.executable, "-I", "-S", _GUARD, str(os.getpid()), str(int(death_signal))]


def sweep_scratch() -> None:
    """Deletes the scratch folders of hosts that are no more (killed with SIGKILL, a power cut)."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)) and folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
