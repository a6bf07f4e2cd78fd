"""The pipes of a runner: JSON lines both ways, its standard error, and what it writes that is no message."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["MIB", "Breach", "Channel", "Gone"]

MIB = 1 << 20
_POLL = 0.2  # seconds between looks at a busy runner
_NOISE = 4096  # bytes of rubbish on stdout kept as evidence
_RUBBISH = 16 * MIB  # more of it in one exchange is not waited for
_STDERR = 16 * 1024  # bytes of stderr's end kept
_LINE = 256 * MIB  # one message is never longer


class Breach(Exception):
    """The runner broke the protocol, in a way that no waiting mends; the message says how, in a line."""


class Gone(Exception):
    """The runner closed its stdout."""


class Channel:
    """Of one process, whose three streams are pipes.

    `look` is called now and then while an answer is waited for; what it raises ends the exchange.
    """

    def __init__(self, process: subprocess.Popen[bytes], look: Callable[[], None]) -> None:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        for stream in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(stream.fileno(), False)
        self._look = look
        self._received, self._words, self._noise = bytearray(), bytearray(), bytearray()
        self._rubbish = 0

    @property
    def words(self) -> str:
        """The end of what came on standard error since the last `forget`."""
        return self._words[-_STDERR:].decode(errors="replace")

    @property
    def noise(self) -> str:
        """The beginning of what came on standard output since then and was no message that anybody waited for."""
        return self._noise.decode(errors="replace")

    def forget(self) -> None:
        """What comes from now on belongs to another script."""
        self._words.clear()
        self._noise.clear()

    def exchange(self, message: bytes, limit: float, wanted: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """Sends a message (JSON on one line) and reads until the wanted one comes.

        Reads and writes at once, so that a runner that floods its stderr cannot block us. Raises TimeoutError at
        `limit` (of time.perf_counter), Gone when its stdout ends, Breach.
        """
        pending = memoryview(message + b"\n")
        self._rubbish = 0
        last_look = time.perf_counter()
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            selector.register(self._stderr, selectors.EVENT_READ)
            pending = self._send(pending)
            if pending:
                selector.register(self._stdin, selectors.EVENT_WRITE)
            while True:
                for key, _ in selector.select(_POLL):
                    if key.fileobj is self._stdin:
                        pending = self._send(pending)
                        if not pending:
                            selector.unregister(self._stdin)
                    elif key.fileobj is self._stderr:
                        if self._listen() == b"":
                            selector.unregister(self._stderr)
                    elif (received := self._receive(wanted)) is not None:
                        return received
                now = time.perf_counter()
                if now > limit:
                    raise TimeoutError
                if now - last_look > _POLL:
                    last_look = now
                    self._look()

    def drain(self) -> None:
        """What a pipe of standard error still holds, and no more: somebody may go on writing."""
        for _ in range(16):
            if not self._listen():
                return

    def close(self) -> None:
        """Closes the pipes; the words and the noise are kept."""
        for stream in (self._stdin, self._stdout, self._stderr):
            with contextlib.suppress(OSError):
                stream.close()
        self._received.clear()

    def _send(self, pending: memoryview) -> memoryview:
        try:
            while pending:
                pending = pending[os.write(self._stdin.fileno(), pending) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            return pending[:0]  # its stdout tells us the rest
        return pending

    def _listen(self) -> bytes | None:
        data = _read(self._stderr.fileno())
        self._words += data or b""
        del self._words[: -4 * _STDERR]
        return data

    def _receive(self, wanted: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any] | None:
        data = _read(self._stdout.fileno())
        if data is None:
            return None
        if not data:
            raise Gone
        lines = self._lines(data)
        for index, line in enumerate(lines):
            received = _message(line)
            if received is not None and wanted(received):
                # What follows an answer is not lost: the next exchange looks at it.
                self._received[:0] = b"".join(later + b"\n" for later in lines[index + 1 :])
                return received
            self._heard(line)
        return None

    def _lines(self, data: bytes) -> list[bytes]:
        """The lines that end in what came; the rest waits for its end."""
        if b"\n" not in data:
            self._received += data
            if len(self._received) > _LINE:
                raise Breach(f"it wrote {_LINE // MIB} MiB without the end of a line")
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
            raise Breach(f"it wrote more than {_RUBBISH // MIB} MiB that are no answer on its standard output")


def _message(line: bytes) -> Mapping[str, Any] | None:
    """The object that a line holds, None where it holds none."""
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _read(fd: int) -> bytes | None:
    """What is there; None when nothing is yet, empty at the end."""
    try:
        return os.read(fd, MIB)
    except BlockingIOError:
        return None
    except OSError:
        return b""
