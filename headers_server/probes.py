"""What probes of isolation load: pages and scripts, on any origin, under any profile."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from headers_server.files import Folder, file_response
from headers_server.resources import Resources, asked_for

__all__ = ["RELATIONS", "routes"]

RELATIONS = {"same-origin": "localhost", "same-site": "localhost", "cross-site": "127.0.0.1"}
"""What an origin is to that of a page at `localhost`, and its host: two at `localhost` differ in their ports alone."""

_FOLDER = Folder(Path(__file__).with_name("pages") / "probes")


def routes(resources: Resources) -> list[web.RouteDef]:
    """`resources` below `/probes/resources`, and the files of pages/probes below `/probes`.

    `?corp=cross-origin` asks for a Cross-Origin-Resource-Policy.
    """
    return [*resources.routes("/probes/resources"), web.get(r"/probes/{path:.+}", _respond)]


async def _respond(request: web.Request) -> web.StreamResponse:
    found = _FOLDER.inside(request.match_info["path"])
    if found is None or not found.is_file():
        raise web.HTTPNotFound
    response = file_response(found)
    if "corp" in request.query:
        response.headers.extend(asked_for(request, "corp"))
    return response
