"""What probes of isolation load: pages and scripts, on any origin, under any profile."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path

from aiohttp import web

from headers_server.files import Folder, mime_type
from headers_server.resources import Resources, asked_for

__all__ = ["RELATIONS", "routes"]

RELATIONS = {"same-origin": "localhost", "same-site": "localhost", "cross-site": "127.0.0.1"}
"""What an origin is to that of a page at `localhost`, and its host: two at `localhost` differ in their ports alone."""

_FOLDER = Folder(Path(__file__).with_name("pages") / "probes")
_KEPT = 100  # messages of which one side has not come yet
_PATIENCE = 30.0  # seconds
_LONGEST = 16 * 1024  # bytes


def routes(resources: Resources) -> list[web.RouteDef]:
    """`resources` below `/probes/resources`, and the files of pages/probes below `/probes`.

    `?corp=cross-origin` asks for a Cross-Origin-Resource-Policy, `?coep=require-corp` for an embedder policy (where the
    profile has none); with an `id`, who asked is in the log of `resources`. What is sent to `/probes/said/KEY` on one
    origin can be had there on another, wherever these routes are mounted: so contexts tell what they found that have no
    other way.
    """
    said = _Said()

    async def respond(request: web.Request) -> web.StreamResponse:
        found = _FOLDER.inside(request.match_info["path"])
        response = web.Response(status=404)
        if found is not None and found.is_file():  # read at once, so that what is noted is also on its way
            response = web.Response(body=found.read_bytes(), headers={"Content-Type": mime_type(found)})
        for key in ("corp", "coep"):
            response.headers.extend(asked_for(request, key))
        if "id" in request.query:
            resources.note(request, response)
        return response

    return [
        *resources.routes("/probes/resources"),
        web.get(r"/probes/said/{key:[0-9a-f-]{1,64}}", said.get),
        web.post(r"/probes/said/{key:[0-9a-f-]{1,64}}", said.put),
        web.get(r"/probes/{path:.+}", respond),
    ]


class _Said:
    """One message for each key; who asks first waits for it."""

    def __init__(self) -> None:
        self._messages: OrderedDict[str, asyncio.Future[str]] = OrderedDict()

    async def put(self, request: web.Request) -> web.Response:
        text = await request.text()
        if len(text) > _LONGEST:
            raise web.HTTPRequestEntityTooLarge(_LONGEST, len(text))
        message = self._of(request)
        if not message.done():
            message.set_result(text)
        return web.Response(status=204)

    async def get(self, request: web.Request) -> web.Response:
        try:
            text = await asyncio.wait_for(asyncio.shield(self._of(request)), _PATIENCE)
        except TimeoutError:
            raise web.HTTPGatewayTimeout(text="nobody has said anything\n") from None
        return web.Response(text=text, content_type="application/json")

    def _of(self, request: web.Request) -> asyncio.Future[str]:
        message = self._messages.setdefault(request.match_info["key"], asyncio.get_running_loop().create_future())
        while len(self._messages) > _KEPT:
            self._messages.popitem(last=False)
        return message
