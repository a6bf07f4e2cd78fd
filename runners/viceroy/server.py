"""`viceroy serve`: a module that handles HTTP requests, behind a port of the loopback that the system chooses."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from runners.engine import EngineError
from runners.processes import guarded
from runners.requests import Request, exchange

__all__ = ["NotServed", "Server"]

_LISTENING = re.compile(r"Listening on http://127\.0\.0\.1:(\d+)")


class NotServed(Exception):
    """Viceroy ended before it listened. The message is its own."""


class Server:
    """One that listens. `module` is a file that stays until `close`."""

    def __init__(self, binary: Path, module: Path) -> None:
        self._process = subprocess.Popen(
            # -v: else it does not say where it listens.
            [*guarded(signal.SIGKILL), str(binary), "serve", "-v", "--addr", "127.0.0.1:0", str(module)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=module.parent, env={},
            text=True, errors="replace",
        )  # fmt: skip
        assert self._process.stdout
        said = ""
        for line in self._process.stdout:
            if found := _LISTENING.search(line):
                self._port = int(found[1])
                break
            said += line
        else:
            self.close()
            raise NotServed(said.strip())
        # It tells of each request; what the module prints is among it.
        threading.Thread(target=self._forward, daemon=True).start()

    def respond(self, request: Request) -> dict[str, Any]:
        """Errors: EngineError of phase `request` where there is no answer."""
        try:
            return exchange(http.client.HTTPConnection("127.0.0.1", self._port), request)
        except (OSError, http.client.HTTPException) as error:
            raise EngineError("request", str(error), type(error).__name__) from error

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _forward(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            sys.stderr.write(line)
