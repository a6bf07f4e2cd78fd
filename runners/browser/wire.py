"""The protocol's own ends, for a runner that waits for many things at once."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from typing import Any

__all__ = ["NotTheProtocol", "Wire"]


class NotTheProtocol(Exception):
    """A line that is no message."""


class Wire:
    """Standard input as a queue of messages; standard output for the protocol alone, all other prints go to stderr."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._loop = asyncio.get_running_loop()
        self._messages: asyncio.Queue[dict[str, Any] | NotTheProtocol | None] = asyncio.Queue()
        self.ended = asyncio.Event()
        threading.Thread(target=self._read, daemon=True).start()  # works for pipes, terminals and files alike

    async def receive(self) -> dict[str, Any] | None:
        """The next message, or None at the end. Raises NotTheProtocol."""
        message = await self._messages.get()
        if isinstance(message, NotTheProtocol):
            raise message
        return message

    def send(self, text: str) -> None:
        """One message, written as JSON without a line break. BrokenPipeError when the host is gone."""
        self._out.write(text.encode() + b"\n")
        self._out.flush()

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            self._loop.call_soon_threadsafe(self._messages.put_nowait, _parsed(line))
        self._loop.call_soon_threadsafe(self._messages.put_nowait, None)
        self._loop.call_soon_threadsafe(self.ended.set)


def _parsed(line: bytes) -> dict[str, Any] | NotTheProtocol:
    try:
        message = json.loads(line)
    except ValueError as error:
        return NotTheProtocol(error)
    return message if isinstance(message, dict) else NotTheProtocol(f"not a message: {line[:200]!r}")
