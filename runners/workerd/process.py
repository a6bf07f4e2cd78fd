"""workerd as a process: started on a socket without a name on the network, asked by HTTP, ended with us."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from runners.session import guarded

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

    The socket is a file of `folder`, which must be the working folder: the path of a socket has at most 107 bytes.
    """

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._command, self._folder = list(command), folder
        self._process: subprocess.Popen[bytes] | None = None
        self._name = ""
        self._starts = 0

    def start(self) -> None:
        """Ends the one that runs, if any. A request may be sent at once: it waits for the server."""
        self.stop()
        self._starts += 1
        self._name = f"socket-{self._starts}"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(self._name)
            listening.listen()
            fd = listening.fileno()
            self._process = subprocess.Popen(
                [*guarded(signal.SIGKILL), *(part.format(fd=fd) for part in self._command)],
                stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd=self._folder, pass_fds=[fd],
            )  # fmt: skip

    def ask(self, body: bytes) -> bytes:
        """The answer to a request; Ended where there is none, or one that says that the server is at fault."""
        connection = _Connection(self._name)
        try:
            connection.request("POST", "/", body)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Ended(self._code(), f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise Ended(None, f"{response.status} {response.reason}: {content[:500].decode(errors='replace')}")
        return content

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
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
