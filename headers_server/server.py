"""The server: routes under prefixes, each prefix with the headers of a profile, on one or more origins."""

from __future__ import annotations

import ssl
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler

from headers_server import service_worker
from headers_server.origin import LOOPBACK_NAMES, Origin, listen
from headers_server.profiles import Profile, Scheme, shipped
from headers_server.reports import Reports

__all__ = ["HeadersServer", "Mount", "kind_of", "under_each"]

KIND_PARAMETER = "headers-kind"
"""`?headers-kind=worker` asks for the headers of that kind, whoever asks: so a worker sees those of its own script."""

_DESTINATIONS = {
    "document": "document",
    "frame": "frame",
    "iframe": "frame",
    "object": "frame",
    "embed": "frame",
    "worker": "worker",
    "sharedworker": "worker",
    "serviceworker": "worker",
}
_TYPES = {"text/html": "document", "text/javascript": "script", "application/wasm": "module"}


@dataclass(frozen=True)
class Mount:
    """`routes` below `prefix` (one segment, `/isolated`; empty for a whole origin), with the headers of `profile`."""

    prefix: str
    profile: Profile
    routes: Sequence[web.RouteDef]


def under_each(routes: Sequence[web.RouteDef], profiles: Mapping[str, Profile] | None = None) -> list[Mount]:
    """The same routes under `/NAME` of each profile (all that are shipped)."""
    profiles = shipped() if profiles is None else profiles
    return [Mount(f"/{name}", profile, routes) for name, profile in profiles.items()]


class HeadersServer:
    """Serves `mounts` on as many origins as there are `hosts`: `("localhost", "localhost", "127.0.0.1")` gives two that
    are same-site and one that is cross-site to both. Loopback and free ports by default.

    `names` are the hosts that requests may be addressed to (None: any): a page elsewhere whose name was rebound to
    127.0.0.1 must not read what is served here. `scheme` https is served with a certificate made at start.
    """

    def __init__(
        self,
        mounts: Iterable[Mount],
        hosts: Sequence[str] = ("localhost",),
        port: int = 0,
        names: Collection[str] | None = LOOPBACK_NAMES,
        scheme: Scheme = "http",
    ) -> None:
        self.origins: list[Origin] = []
        self._mounts = {mount.prefix: mount for mount in mounts}
        self._hosts, self._port, self._names = hosts, port, names
        self._scheme = scheme
        self.reports = Reports()
        self.pin: str | None = None
        """Of the certificate, by which a browser can be told to trust it (`Certificate.pin`); None over http."""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens. ListenError where it cannot; then nothing is left listening."""
        app = web.Application(middlewares=[self._addressed_here])
        app.add_routes(self.reports.routes())
        for mount in self._mounts.values():
            own = service_worker.routes(mount.profile) if mount.profile.service_worker else []
            below = [*own, *mount.routes]
            app.add_routes([web.RouteDef(r.method, mount.prefix + r.path, r.handler, r.kwargs) for r in below])
        app.on_response_prepare.append(self._send_headers)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            context = self._certified() if self._scheme == "https" else None
            for host in self._hosts:
                origin, sockets = listen(host, self._port)
                for one in sockets:
                    await web.SockSite(self._runner, one, ssl_context=context).start()
                self.origins.append(replace(origin, scheme=self._scheme))
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Closes all connections and ports. May be called twice."""
        self.origins.clear()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _certified(self) -> ssl.SSLContext:
        from headers_server.certificate import make_certificate  # who serves http need not load cryptography

        found = make_certificate(sorted({*LOOPBACK_NAMES, *self._hosts, *(self._names or ())} - {"", "::", "0.0.0.0"}))  # noqa: S104
        self.pin = found.pin
        return found.context

    @web.middleware
    async def _addressed_here(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.url.host or ""
        if self._names is not None and host not in self._names and not host.endswith(".localhost"):
            raise web.HTTPMisdirectedRequest(text="this server does not go by that name\n")
        return await handler(request)

    async def _send_headers(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        response.headers.setdefault("Cache-Control", "no-store")
        mount = self._mount_of(request.path)
        if mount is None or mount.profile.service_worker:
            return
        headers = mount.profile.headers[kind_of(request, response)]
        for name, _ in headers:
            response.headers.popall(name, None)
        for name, value in headers:
            if value is not None:
                response.headers.add(name, value)

    def _mount_of(self, path: str) -> Mount | None:
        first = "/" + path.split("/", 2)[1] if path.startswith("/") else ""
        return self._mounts.get(first) or self._mounts.get("")


def kind_of(request: web.BaseRequest, response: web.StreamResponse) -> str:
    """The kind (profiles.KINDS) of what is sent: by what was asked for, by what the browser says that it is for
    (Sec-Fetch-Dest of Fetch Metadata, sent to trustworthy origins alone), by its MIME type."""
    asked = request.query.get(KIND_PARAMETER, "")
    if asked in _DESTINATIONS.values() or asked in _TYPES.values():
        return asked
    return _DESTINATIONS.get(request.headers.get("Sec-Fetch-Dest", "")) or _TYPES.get(response.content_type, "other")
