"""Files of a folder as responses: the right MIME type, ranges, and no path of a URL that leaves the folder."""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

__all__ = ["Folder", "file_response", "mime_type"]

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".htm": "text/html; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}
"""What must not depend on the machine's own table: `instantiateStreaming` and module scripts refuse all other types."""


def mime_type(path: Path) -> str:
    """The value of Content-Type for a file of that name."""
    return _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def file_response(path: Path) -> web.FileResponse:
    """The file, with ranges (RFC 9110, section 14) and validators."""
    return web.FileResponse(path, headers={"Content-Type": mime_type(path)})


class Folder:
    """A folder whose files may be served, and no others: symlinks are followed only where they end inside of it."""

    def __init__(
        self, root: Path, listing: Callable[[web.Request, Path], Awaitable[web.StreamResponse]] | None = None
    ) -> None:
        """`listing` answers for a folder without index.html; without `listing` that is 404."""
        self.root = root.resolve()
        self._listing = listing

    def inside(self, path: str) -> Path | None:
        """What the (decoded) path of a URL names: an existing file or folder inside of the root, or None."""
        try:
            found = (self.root / path.lstrip("/")).resolve(strict=True)
        except (OSError, ValueError, RuntimeError):  # absent, NUL in the name, a loop of symlinks
            return None
        return found if found.is_relative_to(self.root) else None

    def routes(self, prefix: str = "") -> list[web.RouteDef]:
        """Everything below `prefix` (`/runner`), for GET and HEAD."""
        return [web.get(prefix + r"/{path:.*}", self._respond)]

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        found = self.inside(path)
        if found is None:
            raise web.HTTPNotFound
        if not found.is_dir():
            return file_response(found)
        if path and not path.endswith("/"):  # relative, so that `//host` can never become another origin
            raise web.HTTPFound(f"./{quote(path.rpartition('/')[2])}/")
        index = self.inside(f"{path}/index.html")
        if index is not None and index.is_file():
            return file_response(index)
        if self._listing is None:
            raise web.HTTPNotFound
        return await self._listing(request, found)
