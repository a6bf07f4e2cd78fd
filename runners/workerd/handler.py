"""A worker that handles HTTP requests by a module: handler.js, with the module built into its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runners import blobs
from runners.engine import EngineError
from runners.requests import request_of
from runners.results import failure
from runners.workerd.process import Ended, Process

__all__ = ["Handler"]

_CONFIG = Path(__file__).with_name("handler.capnp")


class Handler:
    """Answers scripts that are requests alone. One server runs at a time: that of the module that was asked last."""

    def __init__(self, binary: Path, scratch: Path) -> None:
        self._folder = scratch / "handler"
        self._folder.mkdir()
        command = [str(binary), "serve", "-I", str(self._folder), "--socket-fd", "main={fd}", str(_CONFIG)]
        self._process = Process(command, scratch, "requests")
        self._serves = ""

    def run(self, script: list[Any]) -> list[dict[str, Any]]:
        """PROTOCOL.md, `request`. Raises Ended where the server dies of one."""
        results: list[dict[str, Any]] = []
        try:
            for command in script:
                if not isinstance(command, dict) or command.get("type") != "request":
                    raise EngineError("script", "workerd takes requests in a script of their own")
                results.append(self._respond(command))
        except EngineError as error:
            results.append(failure(error))
        return results

    def _respond(self, command: Mapping[str, Any]) -> dict[str, Any]:
        sha256, path = blobs.file_of(command)
        request = request_of(command, blobs.data_of)
        if sha256 != self._serves:
            (self._folder / "module.wasm").write_bytes(blobs.read(sha256, path))
            self._process.start()
            self._serves = ""
        try:
            answer = self._process.respond(request)
        except Ended as ended:
            if self._serves == sha256:
                raise
            raise EngineError("compile", f"workerd does not start with this module: {ended}") from ended
        self._serves = sha256
        return answer
