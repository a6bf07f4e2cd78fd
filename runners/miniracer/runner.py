"""V8 in this process: the interpreter in JavaScript, and the files that it asks Python for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from py_mini_racer import mini_racer  # type: ignore[import-not-found, unused-ignore]

from runners import blobs
from runners.engine import EngineError

__all__ = ["MiniRacer"]


class MiniRacer:
    """`script` is what `bundled` made. V8 runs on a thread of its own, while this one waits in the event loop."""

    def __init__(self, script: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._scope = contextlib.AsyncExitStack()  # never left: the process ends with its session
        self._content = b""
        self._loop.run_until_complete(self._start(script))

    async def _start(self, script: str) -> None:
        v8 = self._scope.enter_context(mini_racer())  # of the loop that runs now
        self._facts = {"python": platform.python_version(), "v8": v8.v8_version, "clock": "1 ms"}
        v8.eval(script)
        functions = [await self._scope.enter_async_context(v8.wrap_py_function(f)) for f in (self._open, self._read)]
        self._entropy: memoryview = v8.eval("runner.start")(*functions)
        self._run = v8.eval("runner.run")
        self._findings: Mapping[str, Any] = json.loads(await v8.eval("runner.findings")())

    async def _open(self, sha256: Any, path: Any) -> int | str:
        try:
            self._content = blobs.read(str(sha256), str(path))
        except EngineError as error:
            return f"{error.name}\n{error}"
        return len(self._content)

    async def _read(self, into: memoryview) -> None:
        into[:] = self._content
        self._content = b""

    def hello(self) -> dict[str, Any]:
        """Its version and V8's; what no module can ask, V8 was asked at the start."""
        version = metadata.version("mini-racer")
        return {"runtime": "mini-racer", "version": version, "findings": self._findings, "facts": self._facts}

    def run(self, script: Any, deadline: float) -> list[dict[str, Any]]:
        """The results of a script, in order; its deadline is the host's to keep."""
        del deadline
        self._entropy[:] = os.urandom(len(self._entropy))
        return self._loop.run_until_complete(self._answer(json.dumps(script)))

    async def _answer(self, script: str) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = json.loads(await self._run(script))
        return results
