"""What browsers report of policies, kept in memory: where the profiles' Reporting-Endpoints lead."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from aiohttp import web

__all__ = ["PATH", "Reports"]

PATH = "/headers-reports"

_KEPT = 1000
_TYPE = "application/reports+json"


class Reports:
    """The last of them, oldest first, as the Reporting API has them: `type`, `url`, `body` …

    Source: https://w3c.github.io/reporting/#media-type
    """

    def __init__(self) -> None:
        self.received: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._receive)]

    async def _receive(self, request: web.Request) -> web.Response:
        if request.content_type != _TYPE:  # so that no page elsewhere can send any without being asked first (CORS)
            raise web.HTTPUnsupportedMediaType(text=f"{_TYPE} is wanted\n")
        try:
            reports = json.loads(await request.text())
        except ValueError as error:
            raise web.HTTPBadRequest(text=f"no reports: {error}\n") from error
        if not isinstance(reports, list) or not all(isinstance(report, dict) for report in reports):
            raise web.HTTPBadRequest(text="no reports: a list of objects is wanted\n")
        self.received.extend(reports)
        return web.Response(status=204)
