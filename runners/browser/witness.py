"""Who watches a page from outside: the connection by which a browser tells of requests that it blocked, and why."""

from __future__ import annotations

from typing import Protocol

from runners.browser.bidi import BiDi
from runners.browser.devtools import DevTools
from runners.browser.product import Started

__all__ = ["Witness", "witness_of"]


class Witness(Protocol):
    """It costs nothing before it is opened, which the first probe asks for."""

    async def open(self) -> None:
        """Watches from now on. OSError, ClientError."""
        ...

    async def blocked(self) -> list[dict[str, str]]:
        """What was blocked since the last call, in the browser's own words."""
        ...

    async def close(self) -> None: ...


def witness_of(started: Started) -> Witness | None:
    """By whichever protocol this browser speaks; None where it speaks neither."""
    if started.bidi:
        return BiDi(started.bidi)
    return DevTools(started.debugger) if started.debugger else None
