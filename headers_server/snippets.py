"""The headers of a profile as other servers and hosts are told to send them: text to be copied."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from headers_server.profiles import Profile

__all__ = ["SERVERS", "Server", "SnippetError", "snippet"]

Pairs = Sequence[tuple[str, str]]


class SnippetError(ValueError):
    """Nothing to copy, or not for that server. One line that says why."""


@dataclass(frozen=True)
class Server:
    """`place` is the file, or where in it, that the text goes to; `source` documents its form."""

    title: str
    place: str
    source: str
    write: Callable[[Pairs], str]


def snippet(profile: Profile, server: str) -> str:
    """What `server`, a name of SERVERS, is told so that it sends the profile's headers with every response.

    SnippetError where the profile is no set of headers for a whole site, or the server cannot send a value.
    """
    return SERVERS[server].write(_pairs(profile))


def _pairs(profile: Profile) -> Pairs:
    if profile.service_worker:
        raise SnippetError(f"{profile.name}: a service worker adds its headers, no server sends them")
    sets = set(profile.headers.values())
    if len(sets) > 1:
        raise SnippetError(f"{profile.name}: its headers depend on what is asked for; these are for a whole site")
    (headers,) = sets
    pairs = [(name, value) for name, value in headers if value is not None]
    if not pairs:
        raise SnippetError(f"{profile.name}: it sends no headers of its own")
    if len({name for name, _ in pairs}) < len(pairs):
        raise SnippetError(f"{profile.name}: it sends a header twice, which is the mistake that it shows")
    return pairs


def _nginx(pairs: Pairs) -> str:
    if any("$" in value for _, value in pairs):
        raise SnippetError("nginx takes `$` for the beginning of a variable, and knows no way to send it")
    return "\n".join(f"add_header {name} {_quoted(value)} always;" for name, value in pairs)


def _apache(pairs: Pairs) -> str:
    return "\n".join(f"Header always set {name} {_quoted(value).replace('%', '%%')}" for name, value in pairs)


def _caddy(pairs: Pairs) -> str:
    lines = [f"\t{name} {_in_caddy(value)}" for name, value in pairs]
    return "\n".join(["header {", *lines, "}"])


def _in_caddy(value: str) -> str:
    """In quotes only `\\"` is an escape; a brace would begin a placeholder, unless a backslash stands before it."""
    return '"' + value.replace('"', '\\"').replace("{", "\\{") + '"'


def _headers_file(pairs: Pairs) -> str:
    return "\n".join(["/*", *(f"  {name}: {value}" for name, value in pairs)])


def _vercel(pairs: Pairs) -> str:
    headers = [{"key": name, "value": value} for name, value in pairs]
    return json.dumps({"headers": [{"source": "/(.*)", "headers": headers}]}, indent=2)


def _express(pairs: Pairs) -> str:
    lines = [f"    {json.dumps(name)}: {json.dumps(value)}," for name, value in pairs]
    return "\n".join(
        ["app.use((request, response, next) => {", "  response.set({", *lines, "  });", "  next();", "});"]
    )


def _starlette(pairs: Pairs) -> str:
    lines = [f"    {json.dumps(name)}: {json.dumps(value)}," for name, value in pairs]
    return "\n".join([_STARLETTE_IMPORTS, "HEADERS = {", *lines, "}", _STARLETTE])


_STARLETTE_IMPORTS = """\
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
"""
_STARLETTE = '''

class WithHeaders:
    """Sends HEADERS with every response of `app`."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def send_with_headers(message):
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


app = Starlette(middleware=[Middleware(WithHeaders)])'''


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


SERVERS = MappingProxyType(
    {
        "nginx": Server(
            "nginx",
            "in `server`, and again in each `location` that has an `add_header` of its own",
            "https://nginx.org/en/docs/http/ngx_http_headers_module.html",
            _nginx,
        ),
        "caddy": Server(
            "Caddy", "Caddyfile, in the site", "https://caddyserver.com/docs/caddyfile/directives/header", _caddy
        ),
        "apache": Server(
            "Apache",
            "`VirtualHost` or .htaccess; wants mod_headers",
            "https://httpd.apache.org/docs/2.4/mod/mod_headers.html",
            _apache,
        ),
        "netlify": Server("Netlify", "_headers", "https://docs.netlify.com/manage/routing/headers/", _headers_file),
        "cloudflare": Server(
            "Cloudflare", "_headers", "https://developers.cloudflare.com/workers/static-assets/headers/", _headers_file
        ),
        "vercel": Server("Vercel", "vercel.json", "https://vercel.com/docs/project-configuration#headers", _vercel),
        "express": Server("Express", "before the routes", "https://expressjs.com/en/api.html#res.set", _express),
        "starlette": Server(
            "Starlette, FastAPI",
            "where the application is made",
            "https://www.starlette.io/middleware/",
            _starlette,
        ),
    }
)
