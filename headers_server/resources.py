"""Resources that send just the headers that their URL asks for, out of a closed list, and what was asked of them.

A page loads them to find out what it may: `/image?corp=same-site`, `/frame?coep=require-corp&corp=cross-origin` …
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections import deque
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from aiohttp import web
from yarl import URL

from headers_server.origin import Origin

__all__ = ["COOKIE", "KINDS", "VALUES", "Resources", "asked_for"]

COOKIE = "headers-probe"


def _png() -> bytes:
    """One grey pixel: https://www.w3.org/TR/png-3/#5DataRep."""
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _wav() -> bytes:
    """A tenth of a second of silence: 8 bits, mono, 8 kHz; a `video` plays it, too."""
    silence = b"\x80" * 800
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    data = struct.pack("<4sI", b"data", len(silence)) + silence
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data


KINDS: dict[str, tuple[str, bytes]] = {
    "image": ("image/png", _png()),
    "script": ("text/javascript", b"void 0;\n"),
    "style": ("text/css", b"headers-probe { color: red }\n"),
    "font": ("font/ttf", Path(__file__).with_name("pages").joinpath("probe.ttf").read_bytes()),
    "text": ("text/plain", b"headers-probe\n"),
    "wasm": ("application/wasm", b"\0asm\1\0\0\0"),
    "video": ("audio/wav", _wav()),
    "worker": ("text/javascript", b"postMessage('started');\n"),
    # A page elsewhere may count the frames of this one; that of a page that was refused has none.
    "frame": ("text/html", b"<!doctype html><title>a frame</title><iframe></iframe>\n"),
}
"""MIME type and content by kind: each is whole and right, so that a browser that does not load it was forbidden to."""

VALUES: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "corp": {
        value: (("Cross-Origin-Resource-Policy", value),) for value in ("same-origin", "same-site", "cross-origin")
    },
    "coep": {value: (("Cross-Origin-Embedder-Policy", value),) for value in ("require-corp", "credentialless")},
    "cors": {
        "any": (("Access-Control-Allow-Origin", "*"),),
        "credentials": (("Access-Control-Allow-Credentials", "true"), ("Vary", "Origin")),  # and the origin that asks
    },
}
"""What a URL's query may ask for, by key and value; a key that is left out sends nothing."""


def asked_for(request: web.Request, key: str) -> tuple[tuple[str, str], ...]:
    """The headers that the query asks for by that key of VALUES."""
    value = request.query.get(key)
    if value is None:
        return ()
    if value not in VALUES[key]:
        raise web.HTTPBadRequest(text=f"{key} is one of {', '.join(VALUES[key])}\n")
    return VALUES[key][value]


_KEPT = 10_000
_PATIENCE = 30.0  # seconds
_HEADERS = ("origin", "referer", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site")


class Resources:
    """Routes below one prefix, and the last requests that came there, oldest first.

    `origins` gives the server's, once it has any, as they are asked for: `redirect` leads to no other.
    """

    def __init__(self, origins: Callable[[], Collection[Origin]]) -> None:
        self.asked: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._origins = origins
        self._next = asyncio.Event()  # another request has come

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """`{prefix}/KIND`, `/redirect?to=URL`, `/cookie` (sets one), `/asked?id=…` (the log, as JSON),
        `/answered?id=…` (nothing, once all of these have had their answers)."""
        return [
            web.get(f"{prefix}/asked", self._log),
            web.get(f"{prefix}/answered", self._answered),
            web.get(f"{prefix}/cookie", self._cookie),
            web.get(f"{prefix}/redirect", self._redirect),
            web.get(f"{prefix}/{{kind}}", self._resource),
        ]

    async def _resource(self, request: web.Request) -> web.Response:
        if request.match_info["kind"] not in KINDS:
            raise web.HTTPNotFound
        mime, body = KINDS[request.match_info["kind"]]
        return self._sent(request, web.Response(body=body, content_type=mime))

    async def _redirect(self, request: web.Request) -> web.StreamResponse:
        to = request.query.get("to", "")
        try:
            origin = str(URL(to).origin())
        except ValueError:  # no URL, or one without a host
            origin = ""
        if origin not in map(str, self._origins()):
            raise web.HTTPBadRequest(text="`to` is a URL of this server\n")
        return self._sent(request, web.Response(status=302, headers={"Location": to}))

    async def _cookie(self, request: web.Request) -> web.Response:
        response = web.Response(status=204)
        response.set_cookie(COOKIE, "1", samesite="None", secure=True, httponly=True, path="/")
        return self._sent(request, response)

    async def _log(self, request: web.Request) -> web.Response:
        wanted = set(request.query.getall("id", []))
        return web.json_response([entry for entry in self.asked if entry["id"] in wanted])

    async def _answered(self, request: web.Request) -> web.Response:
        wanted = set(request.query.getall("id", []))
        try:
            async with asyncio.timeout(_PATIENCE):
                while wanted - {entry["id"] for entry in self.asked}:
                    await self._next.wait()
        except TimeoutError:
            raise web.HTTPGatewayTimeout(text="nobody has asked for it\n") from None
        return web.Response(status=204)

    def _sent(self, request: web.Request, response: web.Response) -> web.Response:
        """With the headers that the query asks for; written down."""
        for key in VALUES:
            response.headers.extend(asked_for(request, key))
        if request.query.get("cors") == "credentials" and "Origin" in request.headers:
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        self.note(request, response)
        return response

    def note(self, request: web.Request, response: web.StreamResponse) -> None:
        """Writes down a request and what it is answered."""
        self.asked.append(
            {
                "id": request.query.get("id", ""),
                "url": str(request.url),
                "headers": {name: request.headers[name] for name in _HEADERS if name in request.headers},
                "cookie": COOKIE in request.cookies,
                "status": response.status,
                "sent": dict(response.headers),
            }
        )
        self._next.set()
        self._next = asyncio.Event()
