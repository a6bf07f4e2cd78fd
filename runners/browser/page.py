"""The runner's page, from our side: a WebSocket on which it says hello once and then answers scripts one by one."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

from aiohttp import WSMsgType, web

__all__ = ["Page", "PageGone"]


class PageGone(Exception):
    """The WebSocket closed: the page, its process or the whole browser is no more."""


class Page:
    """One page, connected once. `greeting` is the first message that it gets.

    `query` is the part of its URL that lets it, and no other page of this machine's browsers, in.
    """

    def __init__(self, greeting: dict[str, Any]) -> None:
        self._greeting = greeting
        self._token = secrets.token_urlsafe(16)
        self.query = f"?token={self._token}"
        self._socket: web.WebSocketResponse | None = None
        self._hello: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answer: asyncio.Future[str] | None = None
        self.gone = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/runner/socket", self._connect)]

    async def hello(self) -> dict[str, Any]:
        """What the page found out: `findings`, `facts`; or `error`, why it could not. PageGone."""
        return await self._hello

    async def ask(self, message: dict[str, Any]) -> str:
        """Sends a `run`; gives the text of its `observation`. PageGone."""
        if self._socket is None or self.gone.is_set():
            raise PageGone
        self._answer = asyncio.get_running_loop().create_future()
        try:
            await self._send(message)
        except ConnectionError as error:
            raise PageGone from error
        return await self._answer

    async def _send(self, message: dict[str, Any]) -> None:
        if self._socket is not None:
            await self._socket.send_str(json.dumps(message, separators=(",", ":")))

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        if not secrets.compare_digest(request.query.get("token", ""), self._token) or self._socket is not None:
            raise web.HTTPForbidden
        # Compression would cost more than loopback; a script's bytes come inline up to what its host likes.
        self._socket = socket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await socket.prepare(request)
        try:
            await self._send(self._greeting)
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                self._receive(message.data)
        finally:
            self.gone.set()
            for awaited in (self._hello, self._answer):
                if awaited is not None and not awaited.done():
                    awaited.set_exception(PageGone())
        return socket

    def _receive(self, text: str) -> None:
        if not self._hello.done():
            self._hello.set_result(json.loads(text))
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(text)
