"""Origins: where a server listens, and what browsers call it."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

__all__ = ["LOOPBACK_NAMES", "ListenError", "Origin", "listen"]

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

_TRIES = 20


class ListenError(OSError):
    """It cannot listen there. One line that says why."""

    def __str__(self) -> str:
        return str(self.args[-1])


@dataclass(frozen=True)
class Origin:
    """`localhost` at two ports are cross-origin but same-site; `127.0.0.1` is cross-site to both."""

    host: str
    port: int
    scheme: str = "http"

    @property
    def everywhere(self) -> bool:
        """All addresses of this machine: no name that a browser could ask for."""
        return self.host in ("", "::", "0.0.0.0")  # noqa: S104

    def __str__(self) -> str:
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def listen(host: str, port: int = 0) -> tuple[Origin, list[socket.socket]]:
    """Listening sockets for all addresses of a host, on ONE port (0: a free one). ListenError where it cannot be.

    asyncio's own `create_server(port=0)` gives each address of `localhost` a port of its own; a browser that tries
    `::1` first could then meet a stranger's server.
    """
    if not 0 <= port <= 65535:
        raise ListenError(f"cannot listen on {host}:{port}: a port is a number from 0 to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ListenError(f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}") from error
    addresses = sorted({(family, address[0]) for family, _, _, _, address in found})
    for attempt in range(_TRIES):
        sockets: list[socket.socket] = []
        try:
            for family, address in addresses:
                chosen = port or (sockets[0].getsockname()[1] if sockets else 0)
                if (one := _bound(family, str(address), chosen, optional=bool(sockets))) is not None:
                    sockets.append(one)
            return Origin(host, sockets[0].getsockname()[1]), sockets
        except OSError as error:
            for one in sockets:
                one.close()
            if port or error.errno != errno.EADDRINUSE or attempt == _TRIES - 1:
                why = "the port is in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
                raise ListenError(error.errno, f"cannot listen on {Origin(host, port)}: {why}") from error
    raise AssertionError("unreachable")


def _bound(family: int, address: str, port: int, *, optional: bool) -> socket.socket | None:
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
    except OSError:  # a kernel without IPv6
        if optional:
            return None
        raise
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((address, port))
        one.listen(128)
        one.setblocking(False)
    except OSError as error:
        one.close()
        if optional and error.errno == errno.EADDRNOTAVAIL:  # `::1` is in the hosts file, but IPv6 is switched off
            return None
        raise
    return one
