"""A runner from the host's side: start it, send it scripts, contain whatever happens to it.

A crash, a hang, a memory hog are observations (`Observation.end`), never exceptions: only a runner that cannot even say
hello raises `RunnerFailed`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from runners import probing
from runners._channel import MIB, Breach, Channel, Gone
from runners.observation import End, Hello, Observation, how
from runners.processes import end, family_of, guarded, make_scratch, remove_scratch

__all__ = ["MIB", "RunnerFailed", "Session", "encode"]

PROTOCOL = 1


class RunnerFailed(Exception):
    """The runner did not get as far as its hello. The message says how it ended; `stderr` is the end of its stderr."""

    def __init__(self, message: str, stderr: str = "") -> None:
        super().__init__(message)
        self.stderr = stderr


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
        self._channel: Channel | None = None
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
            folder = make_scratch()
            try:
                self._findings = probing.ask(self.run, folder)
            finally:
                remove_scratch(folder)
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
        assert self._channel is not None
        self._next += 1
        self._channel.forget()
        began = time.perf_counter()
        text = script if isinstance(script, bytes) else encode(script)
        message = b'{"type":"run","id":%d,"deadline":%f,"memory":%d,"script":%b}' % (
            self._next, deadline, self.memory_limit, text,
        )  # fmt: skip
        # The runner may hold a deadline of its own (a page ends its worker), so it gets a moment to say so.
        limit = began + deadline + 1.0
        try:
            answer = self._channel.exchange(message, limit, self._answers)
            observation = _observed(answer, self._channel)
            if answer.get("last"):
                self.close()
            return observation
        except TimeoutError:
            self._kill()
            return self._ended("deadline", began)
        except MemoryError:
            self._kill()
            return self._ended("memory", began)
        except Breach as breach:
            self._kill()
            return self._ended("protocol", began, breach=str(breach))
        except Gone:
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
            raise Breach(f"it answered {number!r:.80}, and was asked {self._next}")
        return False

    def close(self) -> None:
        """Says bye and makes sure that nothing stays: no process, no folder."""
        if self._process is not None and self._channel is not None and self._process.poll() is None:
            with contextlib.suppress(OSError, TimeoutError, Gone, Breach, MemoryError):
                self._channel.exchange(b'{"type":"bye"}', time.perf_counter() + self.grace, lambda _: False)
        self._kill()

    # -- starting and ending ------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._kill()
        self._scratch = make_scratch()
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
        self._channel = Channel(self._process, self._look_at_memory)
        try:
            said = self._channel.exchange(
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
        except Breach as breach:
            self._kill()
            raise self._failed(f"broke the protocol before its hello: {breach}") from None
        except Gone:
            code = self._reap()
            ended = "closed its standard output" if code is None else f"ended before its hello with {how(code)}"
            raise self._failed(ended) from None
        except BaseException:
            self._kill()
            raise

    def _failed(self, what: str) -> RunnerFailed:
        """What happened before the hello, with the runner's last words on either stream."""
        assert self._channel is not None
        for stream, words in (("error", self._channel.words), ("output", self._channel.noise)):
            if lines := words.strip().splitlines():
                what += f"; on its standard {stream}: {lines[-1][:200]}"
        return RunnerFailed(what, self._channel.words)

    def _reap(self) -> int | None:
        """The exit code of a runner that has closed its stdout, None where it lives on; and an end to all of it."""
        assert self._process is not None
        assert self._channel is not None
        code = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(2.0)
        self._channel.drain()
        self._kill()
        return code

    def _kill(self) -> None:
        """Ends the runner, which has time to clean up where it wants SIGTERM, and deletes its scratch folder."""
        process, self._process = self._process, None
        if process is not None:
            end(process, self.grace if self.death_signal == signal.SIGTERM else 0.2)
            if self._channel is not None:
                self._channel.close()
            self._remove_scratch()

    def _remove_scratch(self) -> None:
        scratch, self._scratch = self._scratch, None
        if scratch is not None:
            remove_scratch(scratch)

    def _ended(self, ending: End, began: float, code: int | None = None, breach: str = "") -> Observation:
        assert self._channel is not None
        return Observation(
            ending, seconds=time.perf_counter() - began, code=code, stderr=self._channel.words,
            noise=self._channel.noise, breach=breach,
        )  # fmt: skip

    def _look_at_memory(self) -> None:
        """Raises MemoryError when a process of the runner is too large."""
        assert self._process is not None
        for member in family_of(self._process.pid):
            with contextlib.suppress(psutil.Error):
                if member.memory_info().rss > self.memory_limit:
                    raise MemoryError


def _executed(findings: Mapping[str, probing.Finding]) -> frozenset[str]:
    return frozenset(name for name, finding in findings.items() if finding == probing.EXECUTED)


def _hello_of(said: Mapping[str, Any]) -> Hello:
    """Raises Breach where it is not as PROTOCOL.md wants it."""
    runtime, version, facts = said.get("runtime"), said.get("version"), said.get("facts", {})
    for key, value in (("runtime", runtime), ("version", version)):
        if not isinstance(value, str):
            raise Breach(f"its hello has no {key}, or one that is no string")
    if not isinstance(facts, dict):
        raise Breach("the facts of its hello are no object")
    try:
        own = dict.fromkeys(said.get("features", ()), probing.EXECUTED)
        own |= {name: probing.Finding(**finding) for name, finding in said.get("findings", {}).items()}
    except (AttributeError, TypeError):
        raise Breach("the features of its hello are no list, or its findings no object of findings") from None
    return Hello(str(runtime), str(version), _executed(own), facts, own)


def _observed(answer: Mapping[str, Any], channel: Channel) -> Observation:
    """Raises Breach where it is not as PROTOCOL.md wants it."""
    results, seconds, facts = answer.get("results"), answer.get("seconds", 0.0), answer.get("facts", {})
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise Breach("the results of its observation are no list of objects")
    if not isinstance(seconds, (int, float)) or not isinstance(facts, dict):
        raise Breach("its observation has seconds that are no number, or facts that are no object")
    return Observation("done", results, float(seconds), facts, stderr=channel.words, noise=channel.noise)


def encode(script: Sequence[Mapping[str, Any]]) -> bytes:
    """A script as it goes to a runner: JSON on one line."""
    return json.dumps(script, separators=(",", ":")).encode()
