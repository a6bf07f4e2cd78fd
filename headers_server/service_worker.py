"""A service worker that adds a profile's headers: what sites do whose server they cannot configure."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from headers_server.profiles import Profile

__all__ = ["entrance", "routes"]

_PAGES = Path(__file__).with_name("pages")
_PAGE = (_PAGES / "headers-worker.html").read_text(encoding="utf-8")
_SCRIPT = (_PAGES / "headers-worker.js").read_text(encoding="utf-8")


def routes(profile: Profile) -> list[web.RouteDef]:
    """The worker's script, and the page that registers it for all that is beside them."""
    script = f"const HEADERS = {json.dumps(profile.headers)};\n{_SCRIPT}"

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async def worker(_: web.Request) -> web.Response:
        return web.Response(text=script, content_type="text/javascript")

    return [web.get("/headers-worker.html", page), web.get("/headers-worker.js", worker)]


def entrance(prefix: str, path: str) -> str:
    """The path of the page from which a browser goes on to `path` once the worker below `prefix` is in control."""
    return f"{prefix}/headers-worker.html?{urlencode({'next': path})}"
