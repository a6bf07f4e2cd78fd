"""What the server has for the runner's page: the page itself, the interpreter, its packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from headers_server.files import Folder
from headers_server.origin import LOOPBACK_NAMES
from headers_server.profiles import Profile
from headers_server.server import HeadersServer, under_each
from headers_server.service_worker import entrance

__all__ = ["Site"]

_RUNNERS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Site:
    """`profile` is that of everything here; `packages` is a `node_modules` folder (where it is absent, WASI is)."""

    profile: Profile
    packages: Path

    @property
    def prefix(self) -> str:
        return f"/{self.profile.name}"

    def server(self, routes: Sequence[web.RouteDef]) -> HeadersServer:
        """The server, not yet started, with `routes` beside the files."""
        files = [
            *Folder(_RUNNERS / "browser" / "web").routes("/runner/web"),
            *Folder(self.packages).routes(
                "/runner/javascript/node_modules"
            ),  # before the folder that it seems to be in
            *Folder(_RUNNERS / "javascript").routes("/runner/javascript"),
        ]
        mounts = under_each([*routes, *files], {self.profile.name: self.profile})
        names = (*LOOPBACK_NAMES, *([self.profile.host] if self.profile.host else []))
        return HeadersServer(mounts, names=names, scheme=self.profile.scheme)

    def page(self, server: HeadersServer, query: str) -> str:
        """The URL of the runner's page."""
        origin = server.origins[0]
        if self.profile.host:  # the browser was told to find it at this machine
            origin = replace(origin, host=self.profile.host)
        path = f"{self.prefix}/runner/web/page.html{query}"
        return f"{origin}{entrance(self.prefix, path) if self.profile.service_worker else path}"
