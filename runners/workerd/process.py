"""workerd as a process: started on a socket without a name on the network, asked by HTTP, ended with us."""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runners.processes import guarded
from runners.requests import Request, exchange

__all__ = ["Ended", "Process", "die_like"]

_DYING = 2.0
"""Seconds for a process that has closed its connection to be gone."""


class Ended(Exception):
    """It ended in the middle of a request. `code` is its exit code, or minus the signal's number; None: it has not."""

    def __init__(self, code: int | None, why: str) -> None:
        super().__init__(why)
        self.code = code


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("runner")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


class Process:
    """`command` is a server's command line, in which `{fd}` stands for the descriptor of its listening socket.

    The socket is a file `name` of `folder`, which must be the working folder: its path may have at most 107 bytes.
    """

    def __init__(self, command: Sequence[str], folder: Path, name: str) -> None:
        self._command, self._folder, self._name = list(command), folder, name
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Ends the one that runs, if any. A request may be sent at once: it waits for the server."""
        self.stop()
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(self._name)
            listening.listen()
            fd = listening.fileno()
            self._process = subprocess.Popen(
                [*guarded(signal.SIGKILL), *(part.format(fd=fd) for part in self._command)],
                stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd=self._folder, pass_fds=[fd],
            )  # fmt: skip

    def ask(self, method: str, body: bytes = b"") -> bytes:
        """The body of the answer to a request; Ended where the answer says that the server is at fault."""
        answer = self.respond(Request(method, "/", {}, body))
        content = base64.b64decode(answer["body"])
        if answer["status"] != http.client.OK:
            raise Ended(None, f"{answer['status']}: {content[:500].decode(errors='replace')}")
        return content

    def respond(self, request: Request) -> dict[str, Any]:
        """The answer to a request, as runners/requests.py has it; Ended where there is none."""
        try:
            return exchange(_Connection(self._name), request)
        except (OSError, http.client.HTTPException) as error:
            raise Ended(self._code(), f"{type(error).__name__}: {error}") from error

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        Path(self._name).unlink(missing_ok=True)

    def _code(self) -> int | None:
        assert self._process
        try:
            return self._process.wait(_DYING)
        except subprocess.TimeoutExpired:
            return None


def die_like(code: int) -> None:
    """Ends this process as that one ended: whoever looks at us sees what happened to it."""
    sys.stderr.flush()
    if code < 0:
        with contextlib.suppress(OSError):  # SIGKILL has no other disposition
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
