"""A server in a thread of its own, and a client that sends a path as it is written."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from headers_server.origin import Origin
from headers_server.server import HeadersServer


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def send(origin: Origin, path: str, method: str = "GET", **headers: str) -> Answer:
    """One request, its path unchanged; `Sec_Fetch_Dest` names the header Sec-Fetch-Dest."""
    connection = http.client.HTTPConnection(origin.host, origin.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


@contextmanager
def running(server: HeadersServer) -> Iterator[HeadersServer]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        try:
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def ask() -> Callable[..., Answer]:
    """`send`."""
    return send


@pytest.fixture
def run() -> Iterator[Callable[[HeadersServer], HeadersServer]]:
    """Starts a server that ends with the test."""
    with ExitStack() as stack:
        yield lambda server: stack.enter_context(running(server))
