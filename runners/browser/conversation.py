"""A conversation with a browser over a WebSocket as the DevTools Protocol and WebDriver BiDi have it: commands, events.

Both send `{"id", "method", "params"}`, answer under the same `id`, and tell of events by `{"method", "params"}`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType

__all__ = ["Conversation"]

_PATIENCE = 2.0  # seconds


class Conversation:
    """`hear` gets the method and the parameters of each event."""

    def __init__(self, hear: Callable[[str, Mapping[str, Any]], None]) -> None:
        self._hear = hear
        self._client: ClientSession | None = None
        self._socket: ClientWebSocketResponse | None = None
        self._listening: asyncio.Task[None] | None = None
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def open(self, url: str) -> None:
        """Connects. OSError, ClientError."""
        self._client = ClientSession()
        self._socket = await self._client.ws_connect(url, max_msg_size=0)
        self._listening = asyncio.create_task(self._listen(self._socket))

    async def do(self, method: str, **parameters: Any) -> Mapping[str, Any]:
        """Sends a command; gives its result. A browser that has ended has none, which others see, too."""
        if self._socket is None:
            return {}
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_str(json.dumps({"id": number, "method": method, "params": parameters}))
            answer = await asyncio.wait_for(self._answers[number], _PATIENCE)
        except (ClientError, ConnectionError, TimeoutError):
            return {}
        finally:
            del self._answers[number]
        result = answer.get("result")
        return result if isinstance(result, dict) else {}

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        if self._client is not None:
            await self._client.close()

    async def _listen(self, socket: ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            said = json.loads(message.data)
            if (answer := self._answers.get(said.get("id"))) and not answer.done():
                answer.set_result(said)
            elif isinstance(said.get("method"), str):
                self._hear(said["method"], said.get("params", {}))
