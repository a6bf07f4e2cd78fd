"""Files that scripts name, as URLs: nothing else of the machine is served."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from headers_server.files import mime_type

__all__ = ["Blobs"]

_WRONG_MIME = "streaming-wrong-mime"


class Blobs:
    """Files by the hash of their content. `prefix` is the path under which the routes are mounted (`/isolated`)."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._paths: dict[str, Path] = {}
        self._programs: dict[str, dict[str, str]] = {}
        self._checked: set[str] = set()

    def linked(self, script: Any) -> Any:
        """The script with a `url` in place of each `path`; these files are served from now on.

        The extension tells the MIME type: a command's own file is a module (text where it asks for the wrong type);
        data are bytes. The files of a program keep their names, in a folder of their own.
        """
        if not isinstance(script, list):
            return script
        return [self._command(command) if isinstance(command, dict) else command for command in script]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(r"/blob/{sha256:[0-9a-f]{64}}{extension:\.(wasm|txt|bin)}", self._respond),
            web.get(r"/program/{key:[0-9a-f]{64}}/{name}", self._respond_with_part),
        ]

    def _command(self, command: Mapping[str, Any]) -> dict[str, Any]:
        if command.get("type") == "program":
            return self._program(command)
        extension = ".txt" if command.get("via") == _WRONG_MIME else ".wasm"
        return self._file({key: self._data(value) for key, value in command.items()}, extension)

    def _program(self, command: Mapping[str, Any]) -> dict[str, Any]:
        linked = {key: self._data(value) for key, value in command.items()}
        files = command.get("files")
        if not isinstance(files, dict) or not all(isinstance(ref, dict) for ref in files.values()):
            return linked
        hashes = {str(name): str(ref.get("sha256")) for name, ref in files.items()}
        key = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
        self._programs[key] = hashes
        return {**linked, "url": f"{self._prefix}/program/{key}/"}

    def _data(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._data(each) for each in value]
        if isinstance(value, dict):
            return self._file({key: self._data(each) for key, each in value.items()}, ".bin")
        return value

    def _file(self, value: dict[str, Any], extension: str) -> dict[str, Any]:
        sha256, path = value.get("sha256"), value.get("path")
        if not (isinstance(sha256, str) and isinstance(path, str)):
            return value
        self._paths[sha256] = Path(path)
        url = f"{self._prefix}/blob/{sha256}{extension}"
        return {**{key: each for key, each in value.items() if key != "path"}, "url": url}

    async def _respond(self, request: web.Request) -> web.Response:
        return await self._content(request.match_info["sha256"], mime_type(Path(request.path)))

    async def _respond_with_part(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        sha256 = self._programs.get(request.match_info["key"], {}).get(name, "")
        return await self._content(sha256, mime_type(Path(name)))

    async def _content(self, sha256: str, content_type: str) -> web.Response:
        path = self._paths.get(sha256)
        if path is None:
            raise web.HTTPNotFound(text="no script has named this file")
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise web.HTTPNotFound(reason=error.strerror or str(error)) from error
        if sha256 not in self._checked:
            found = hashlib.sha256(content).hexdigest()
            if found != sha256:
                raise web.HTTPConflict(reason=f"the file has sha256 {found}, not {sha256}")
            self._checked.add(sha256)
        return web.Response(body=content, headers={"Content-Type": content_type})
