"""What a browser that speaks the Chrome DevTools Protocol tells of requests of a page that it blocked, and why.

Source: https://chromedevtools.github.io/devtools-protocol/tot/Network/#event-loadingFailed
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientError, ClientSession

from runners.browser.conversation import Conversation

__all__ = ["DevTools"]


class DevTools:
    """A connection to the page, apart from the driver's.

    It attaches to no other target: a pop-up that somebody attaches to beside the driver never starts (Chromium 156).
    `address` is that of the browser's debugger, `127.0.0.1:PORT`.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._conversation = Conversation(self._hear)
        self._urls: dict[str, str] = {}
        self._blocked: list[dict[str, str]] = []

    async def open(self) -> None:
        """Connects to the first page, and watches from now on. OSError, ClientError."""
        async with ClientSession() as client, client.get(f"http://{self._address}/json/list") as response:
            targets = await response.json()
        pages = [target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page"]
        if not pages:
            raise ClientError("the browser has no page")
        await self._conversation.open(pages[0])
        await self._conversation.do("Network.enable")

    async def blocked(self) -> list[dict[str, str]]:
        """`url`, `reason` (`blockedReason`, or the error of CORS) and `error` of what failed since the last call."""
        await self._conversation.do("Runtime.evaluate", expression="0")  # what was told before has come by then
        found, self._blocked = self._blocked, []
        self._urls.clear()
        return found

    async def close(self) -> None:
        await self._conversation.close()

    def _hear(self, method: str, told: Mapping[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self._urls[told["requestId"]] = told["request"]["url"]
            case "Network.loadingFailed":
                reason = told.get("blockedReason") or told.get("corsErrorStatus", {}).get("corsError")
                if reason:
                    url = self._urls.get(told["requestId"], "")
                    self._blocked.append({"url": url, "reason": reason, "error": told.get("errorText", "")})
