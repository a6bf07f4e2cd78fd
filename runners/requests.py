"""HTTP requests of scripts (PROTOCOL.md, `request`): what is asked of a handler, and its answer."""

from __future__ import annotations

import base64
import contextlib
import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from runners.engine import Code, EngineError

__all__ = ["Request", "Serving", "exchange", "request_of"]

_SECONDS = 600.0
"""For a socket: the host holds the deadline."""


@dataclass(frozen=True)
class Request:
    """`url` is what stands in the request line: the path, and the query if any."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@runtime_checkable
class Serving(Protocol):
    """An engine that serves HTTP."""

    def respond(self, code: Code, request: Request) -> dict[str, Any]:
        """The result: that of `exchange`, from a server of the module. EngineError of any phase of its start."""
        ...


def request_of(command: Mapping[str, Any], data: Callable[[Any], bytes]) -> Request:
    """The request that `command` describes. Errors: EngineError of phase `script`, or `fetch` for its body."""
    method, url, headers = command.get("method"), command.get("url"), command.get("headers") or {}
    # What http.client itself refuses, and more: nothing may end a line, or be no header.
    if not isinstance(method, str) or not method.isascii() or not method.isalpha():
        raise EngineError("script", f"not a method: {method!r}")
    if not isinstance(url, str) or not url.startswith("/") or not url.isascii() or not url.isprintable() or " " in url:
        raise EngineError("script", f"not a path and query: {url!r}")
    if not isinstance(headers, dict) or not all(
        isinstance(text, str) and text.isascii() and text.isprintable() for text in (*headers, *headers.values())
    ):
        raise EngineError("script", f"not headers: {headers!r}")
    body = command.get("body")
    return Request(method, url, headers, b"" if body is None else data(body))


def exchange(connection: http.client.HTTPConnection, request: Request) -> dict[str, Any]:
    """Sends it: `{"status", "headers", "body": base64, "seconds"}`.

    Raises OSError or HTTPException where there is no answer."""
    connection.timeout = _SECONDS
    names = {name.lower() for name in request.headers}
    start = time.perf_counter()
    try:
        connection.putrequest(request.method, request.url, skip_host="host" in names, skip_accept_encoding=True)
        for name, value in request.headers.items():
            connection.putheader(name, value)
        if request.body and "content-length" not in names:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders()
        # Beside the reading: a handler may answer while it is still asked, and wait until its answer is read.
        sending = threading.Thread(target=_send, args=(connection, request.body), daemon=True)
        sending.start()
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    return {
        "status": response.status,
        "headers": {name.lower(): response.headers[name] for name in response.headers},
        "body": base64.b64encode(body).decode(),
        "seconds": time.perf_counter() - start,
    }


def _send(connection: http.client.HTTPConnection, body: bytes) -> None:
    with contextlib.suppress(OSError):  # a server need not read all of it: what matters is its answer
        connection.send(body)
