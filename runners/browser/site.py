"""What the server has for the runner's page: the page itself, the interpreter, its packages, and what probes load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from headers_server import probes
from headers_server.files import Folder
from headers_server.origin import LOOPBACK_NAMES, Origin
from headers_server.profiles import Profile, find
from headers_server.resources import Resources
from headers_server.server import HeadersServer, under_each
from headers_server.service_worker import entrance

__all__ = ["Site"]

_RUNNERS = Path(__file__).parents[1]
_BARE = find("none")


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
        probed = probes.routes(Resources(lambda: [self._asked(origin) for origin in server.origins]))
        mounts = under_each([*routes, *files, *probed], {self.profile.name: self.profile})
        if self.profile.name != _BARE.name:
            mounts += under_each(probed, {_BARE.name: _BARE})
        names = (*LOOPBACK_NAMES, *([self.profile.host] if self.profile.host else []))
        server = HeadersServer(mounts, [*probes.RELATIONS.values()], names=names, scheme=self.profile.scheme)
        return server

    def places(self, server: HeadersServer) -> dict[str, Any]:
        """Where probes find things: `site` of a `run` that goes to the page."""
        origins = map(str, map(self._asked, server.origins))
        return {
            "origins": dict(zip(probes.RELATIONS, origins, strict=True)),
            "prefix": self.prefix,
            "bare": f"/{_BARE.name}",
        }

    def page(self, server: HeadersServer, query: str) -> str:
        """The URL of the runner's page."""
        path = f"{self.prefix}/runner/web/page.html{query}"
        entered = entrance(self.prefix, path) if self.profile.service_worker else path
        return f"{self._asked(server.origins[0])}{entered}"

    def _asked(self, origin: Origin) -> Origin:
        """As the browser asks for it: by the profile's name, which it was told to find at this machine."""
        return replace(origin, host=self.profile.host) if self.profile.host and origin.host == "localhost" else origin
