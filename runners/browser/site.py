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

__all__ = ["Site", "reached"]

_RUNNERS = Path(__file__).parents[1]
_BARE = find("none")


def reached(profile: Profile, announced: str | None) -> Profile:
    """As browsers of another machine get it (without `announced`: unchanged).

    By https, since http of another machine's is no secure context; what is asked for by a name of its own, in order
    not to be one, by http.
    """
    if announced is None:
        return profile
    return replace(profile, host=None, scheme="http" if profile.host else "https")


@dataclass(frozen=True)
class Site:
    """`profile` is that of everything here; `packages` is a `node_modules` folder (where it is absent, WASI is).

    `announced` is the address of this machine for browsers of another one (without: the loopback alone).
    """

    profile: Profile
    packages: Path
    announced: str | None = None

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
        own = [name for name in (self.profile.host, self.announced) if name]
        hosts = [self.announced or host for host in probes.RELATIONS.values()]
        server = HeadersServer(mounts, hosts, names=(*LOOPBACK_NAMES, *own), scheme=self.profile.scheme)
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
