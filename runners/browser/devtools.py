"""What a browser that speaks the Chrome DevTools Protocol tells of requests of a page that it blocked, and why.

Source: https://chromedevtools.github.io/devtools-protocol/tot/Network/#event-loadingFailed
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType

__all__ = ["DevTools"]

_PATIENCE = 2.0  # seconds


class DevTools:
    """A connection to the page, apart from the driver's: that costs nothing until a probe wants it.

    It attaches to no other target: a pop-up that somebody attaches to beside the driver never starts (Chromium 156).
    `address` is that of the browser's debugger, `127.0.0.1:PORT`.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: ClientSession | None = None
        self._socket: ClientWebSocketResponse | None = None
        self._listening: asyncio.Task[None] | None = None
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[None]] = {}
        self._urls: dict[str, str] = {}
        self._blocked: list[dict[str, str]] = []

    async def open(self) -> None:
        """Connects to the first page, and watches from now on. OSError, ClientError."""
        self._client = ClientSession()
        async with self._client.get(f"http://{self._address}/json/list") as response:
            targets = await response.json()
        url = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
        self._socket = await self._client.ws_connect(url, max_msg_size=0)
        self._listening = asyncio.create_task(self._listen(self._socket))
        await self._do("Network.enable")

    async def blocked(self) -> list[dict[str, str]]:
        """`url`, `reason` (`blockedReason`, or the error of CORS) and `error` of what failed since the last call."""
        await self._do("Runtime.evaluate", expression="0")  # what was told before has come by then
        found, self._blocked = self._blocked, []
        self._urls.clear()
        return found

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        if self._client is not None:
            await self._client.close()

    async def _do(self, method: str, **parameters: Any) -> None:
        """Sends a command, and waits for its end. A browser that has ended has no answer, which others see, too."""
        if self._socket is None:
            return
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        with contextlib.suppress(ClientError, ConnectionError, TimeoutError):
            await self._socket.send_str(json.dumps({"id": number, "method": method, "params": parameters}))
            await asyncio.wait_for(self._answers[number], _PATIENCE)
        del self._answers[number]

    async def _listen(self, socket: ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            event = json.loads(message.data)
            if (answer := self._answers.get(event.get("id"))) and not answer.done():
                answer.set_result(None)
            self._hear(event.get("method"), event.get("params", {}))

    def _hear(self, method: str | None, told: Mapping[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self._urls[told["requestId"]] = told["request"]["url"]
            case "Network.loadingFailed":
                reason = told.get("blockedReason") or told.get("corsErrorStatus", {}).get("corsError")
                if reason:
                    url = self._urls.get(told["requestId"], "")
                    self._blocked.append({"url": url, "reason": reason, "error": told.get("errorText", "")})
