"""What a browser that speaks WebDriver BiDi tells of requests that failed, and why.

Source: https://w3c.github.io/webdriver-bidi/#event-network-fetchError
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runners.browser.conversation import Conversation

__all__ = ["BiDi"]

_GIVEN_UP = "NS_BINDING_ABORTED"  # by the page itself, which took the element away


class BiDi:
    """A connection beside the driver's own. `url` is the session's `webSocketUrl`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._conversation = Conversation(self._hear)
        self._context = ""
        self._failed: list[dict[str, str]] = []

    async def open(self) -> None:
        """Connects, and watches from now on. OSError, ClientError."""
        await self._conversation.open(self._url)
        await self._conversation.do("session.subscribe", events=["network.fetchError"])
        tree = await self._conversation.do("browsingContext.getTree", maxDepth=0)
        self._context = next((one["context"] for one in tree.get("contexts", ())), "")

    async def blocked(self) -> list[dict[str, str]]:
        """`url` and `error` of what failed since the last call."""
        await self._conversation.do(
            "script.evaluate", expression="0", target={"context": self._context}, awaitPromise=False
        )  # what was told before has come by then
        found, self._failed = self._failed, []
        return found

    async def close(self) -> None:
        await self._conversation.close()

    def _hear(self, method: str, told: Mapping[str, Any]) -> None:
        if method == "network.fetchError" and told["errorText"] != _GIVEN_UP:
            self._failed.append({"url": told["request"]["url"], "error": told["errorText"]})
