"""edge: handlers of HTTP requests, as the runtimes of edge platforms serve them, asked as clients ask them."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from conformance.case import Case, Module
from conformance.cases._script import dollar_module, noise

__all__ = ["CASES"]

_FASTLY = ("viceroy*",)
"""Whose handler is a module with the platform's own imports."""
_WORKERS = ("workerd*",)
"""Whose handler is JavaScript that calls a module."""

_LARGE = noise("large body", 2 << 20)
_TARGET = "/echo?a=b%20c&d=&e"
_REFUSED: Mapping[str, Any] = {"refused": True}


def ask(
    method: str, url: str, *, gives: Mapping[str, Any], headers: Mapping[str, str] | None = None, body: bytes = b""
) -> dict[str, Any]:
    """One request and what the answer must be."""
    command = {"type": "request", "module": dollar_module, "method": method, "url": url, "headers": dict(headers or {})}
    return {**command, **({"body": body} if body else {}), "expect": {"response": gives, "what": f"{method} {url}"}}


def digest(body: bytes) -> dict[str, Any]:
    """A request for the SHA-256 of a body."""
    return ask("POST", "/sha256", body=body, gives={"status": 200, "body": sha256(body).hexdigest().encode()})


def echo(method: str, body: bytes = b"", say: str = "as it came") -> dict[str, Any]:
    """A request that is told again."""
    said = {"x-method": method, "x-target": _TARGET, "x-said": say}
    gives = {"status": 200, "headers": said, "body": body}
    return ask(method, _TARGET, headers={"x-say": say}, body=body, gives=gives)


_ABSENT = [ask("GET", url, gives={"status": 404}) for url in ("/", "/absent", "/echo/")]
_ECHO = [echo("GET"), echo("POST", b"a body"), echo("PUT", bytes(range(256))), echo("DELETE", say="")]
_DIGESTS = [digest(body) for body in (b"", b"abc", noise("body", 100_000))]


def fastly(name: str, title: str, *requests: dict[str, Any]) -> Case:
    return Case(f"edge/{name}", "http", lambda _: [dict(one) for one in requests], title, targets=_FASTLY)


def worker(name: str, title: str, *requests: dict[str, Any]) -> Case:
    """Asked of modules that export `sha256` and import nothing."""

    def build(_module: Module) -> list[dict[str, Any]]:
        return [dict(one) for one in requests]

    return Case(f"edge/{name}", "sha256", build, title, targets=_WORKERS, languages=("rust", "assemblyscript"))


CASES = [
    fastly("http-echo", "method, path, query, a header and the body arrive, and go back", *_ECHO),
    fastly("http-sha256", "SHA-256 of a body", *_DIGESTS),
    fastly("http-not-found", "the handler's own 404", *_ABSENT),
    fastly("http-large-body", "2 MiB, in and out", echo("POST", _LARGE), digest(_LARGE)),
    fastly(
        "http-backend",
        "a backend that nobody configured is not there",
        ask("GET", "/backend", gives=_REFUSED),
    ),
    fastly(
        "http-dynamic-backend",
        "a backend of the handler's own making does not lead outside",
        ask("GET", "/dynamic-backend", gives=_REFUSED),
    ),
    worker(
        "worker-sha256",
        "a worker calls a module for the SHA-256 of a body; its other pages, a 404, no way outside",
        *_ECHO, *_ABSENT, ask("GET", "/fetch", gives=_REFUSED), *_DIGESTS,
    ),
    worker("worker-large-body", "2 MiB, in and out, and through a module", echo("POST", _LARGE), digest(_LARGE)),
]  # fmt: skip
