"""A folder of the user's, served with the headers of a profile: `wasm-matrix serve`."""

from __future__ import annotations

import asyncio
import html
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from string import Template
from urllib.parse import quote

from aiohttp import web

from headers_server.describe import header_lines
from headers_server.files import Folder
from headers_server.origin import LOOPBACK_NAMES
from headers_server.profiles import Profile, find
from headers_server.server import HeadersServer, Mount
from headers_server.service_worker import entrance

__all__ = ["FolderError", "folder_server", "serve_folder"]

_PAGE = Template(Path(__file__).with_name("pages").joinpath("folder.html").read_text(encoding="utf-8"))


class FolderError(OSError):
    """The folder is not there or not a folder. One line."""


async def serve_folder(
    folder: Path,
    profile: str = "isolated",
    host: str = "localhost",
    port: int = 8000,
    say: Callable[[str], None] = print,
    profiles: Mapping[str, Profile] | None = None,
) -> None:
    """Serves until cancelled, with one of `profiles` (without: of those that are shipped); says where and with which
    headers.

    FolderError, ProfileError, ListenError: one line each.
    """
    chosen = find(profile, profiles)
    async with folder_server(folder, chosen, host, port) as server:
        for line in _described(folder, chosen, server):
            say(line)
        await asyncio.Event().wait()


def folder_server(folder: Path, profile: Profile, host: str = "localhost", port: int = 0) -> HeadersServer:
    """A server, not yet started, with the folder as the root of its one origin. FolderError where there is none."""
    if not folder.is_dir():
        raise FolderError(f"{folder}: {'not a folder' if folder.exists() else 'no such folder'}")

    async def listing(request: web.Request, found: Path) -> web.Response:
        return web.Response(text=_listing(files, found, request.path, profile), content_type="text/html")

    files = Folder(folder, listing)
    names = (*LOOPBACK_NAMES, *([profile.host] if profile.host else [])) if host in LOOPBACK_NAMES else None
    return HeadersServer([Mount("", profile, files.routes())], [host], port, names, profile.scheme)


def _described(folder: Path, profile: Profile, server: HeadersServer) -> list[str]:
    lines = [f"{folder} with profile {profile.name}: {profile.why}"]
    lines += [f"  {line}" for line in header_lines(profile)]
    lines += [f"  {browser} wants {shlex.join(flags)}" for browser, flags in profile.flags.items()]
    for origin in server.origins:
        if profile.host:
            origin = replace(origin, host=profile.host)
        lines.append(f"at {replace(origin, host='localhost')}/" if origin.everywhere else f"at {origin}/")
        if profile.service_worker:
            lines.append(f"  begin at {entrance('', '/')}: it registers the service worker")
        if server.pin:
            lines.append(
                "  its certificate is new: accept the browser's warning, or start"
                f" chromium --ignore-certificate-errors-spki-list={server.pin} --user-data-dir=NEW"
            )
        if origin.scheme == "http" and profile.host is None and origin.host not in LOOPBACK_NAMES:
            lines.append(
                "  from other machines plain http is not a secure context: no page is cross-origin isolated there"
            )
    return lines


def _listing(files: Folder, found: Path, url: str, profile: Profile) -> str:
    entries = [] if found == files.root else ["../"]
    shown = [path for path in found.iterdir() if files.inside(path.relative_to(files.root).as_posix())]
    shown.sort(key=lambda path: (not path.is_dir(), path.name))
    entries += [path.name + ("/" if path.is_dir() else "") for path in shown]
    return _PAGE.substitute(
        url=html.escape(url),
        profile=html.escape(profile.name),
        why=html.escape(profile.why),
        headers=html.escape("\n".join(header_lines(profile))),
        entries="\n".join(f'<li><a href="./{quote(entry)}">{html.escape(entry)}</a></li>' for entry in entries),
    )
