"""`headers_server.snippets`: what is copied makes the real server send them; what cannot be is refused."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from headers_server.profiles import Profile, parse, shipped
from headers_server.snippets import SERVERS, SnippetError, snippet

AWKWARD = 'plain, "quoted", back\\slash, 100%, {brace}, #hash; semicolon'


def _profile(**headers: object) -> Profile:
    return parse({"name": "mine", "why": "A test.", "headers": {"everything": headers}})


ISOLATED = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
SENT = {**ISOLATED, "Reporting-Endpoints": 'isolation="/reports"', "X-Awkward": AWKWARD}

# Each serves the file `page.html` of the working directory, or a page of its own, on 127.0.0.1 at PORT.
_NGINX = """
pid {folder}/pid; error_log stderr; daemon off; master_process off;
events {{}}
http {{
  access_log off; {temporary}
  server {{ listen 127.0.0.1:{port}; root {folder};
    {text}
  }}
}}
"""
_APACHE = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog /dev/stderr
DocumentRoot {folder}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule headers_module {modules}/mod_headers.so
{text}
"""
_CADDY = """
{{
\tadmin off
\tauto_https off
}}
http://127.0.0.1:{port} {{
\troot * {folder}
{text}
\tfile_server
}}
"""
_EXPRESS = """
const app = require('express')();
{text}
app.get('/page.html', (request, response) => response.send('a page'));
app.listen({port}, '127.0.0.1');
"""


def _command(server: str, text: str, folder: Path, port: int) -> Sequence[str]:
    """Writes what the server reads into `folder`; the command that starts it in the foreground."""
    if server == "nginx":
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        settings = _NGINX.format(folder=folder, port=port, text=text, temporary=temporary)
        (folder / "settings").write_text(settings)
        return _program("nginx"), "-c", str(folder / "settings"), "-p", str(folder)
    if server == "apache":
        program = _program("apache2")
        modules = Path(program).parents[1] / "lib/apache2/modules"
        (folder / "settings").write_text(_APACHE.format(folder=folder, port=port, text=text, modules=modules))
        return program, "-d", str(folder), "-f", str(folder / "settings"), "-D", "FOREGROUND"
    if server == "caddy":
        (folder / "Caddyfile").write_text(_CADDY.format(folder=folder, port=port, text=text))
        return _program("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")
    if server == "express":
        node = _program("node")
        if subprocess.run([node, "-e", "require('express')"], check=False, capture_output=True).returncode:
            pytest.skip("npm install express, and NODE_PATH to its node_modules")
        (folder / "server.cjs").write_text(_EXPRESS.format(port=port, text=text))
        return node, str(folder / "server.cjs")
    (folder / "server.py").write_text(text)
    return sys.executable, "-m", "uvicorn", "--app-dir", str(folder), "--port", str(port), "server:app"


def _program(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"{name} is not on PATH")


@contextlib.contextmanager
def _serving(server: str, text: str, folder: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "page.html").write_text("a page")
    environment = {**os.environ, "HOME": str(folder)}
    process = subprocess.Popen(_command(server, text, folder, port), env=environment)
    try:
        deadline = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("server", ["nginx", "caddy", "apache", "express", "starlette"])
def test_the_real_server_sends_them(server: str, tmp_path: Path) -> None:
    """Each once, and as it stands in the profile; with a page that is there, and with one that is not."""
    with _serving(server, snippet(_profile(**SENT), server), tmp_path) as port:
        for path in ("/page.html", "/none"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            headers = connection.getresponse().headers
            assert {name: headers.get_all(name) for name in SENT} == {name: [value] for name, value in SENT.items()}
            connection.close()


@pytest.mark.parametrize("server", ["netlify", "cloudflare"])
def test_a_headers_file_has_the_whole_site_and_a_line_each(server: str) -> None:
    """`Name: value`, indented."""
    path, *lines = snippet(_profile(**SENT), server).splitlines()
    assert path == "/*"
    assert lines == [f"  {name}: {value}" for name, value in SENT.items()]


def test_vercel_is_told_in_json() -> None:
    """As its documentation has it."""
    wanted = [{"key": name, "value": value} for name, value in SENT.items()]
    assert json.loads(snippet(_profile(**SENT), "vercel")) == {"headers": [{"source": "/(.*)", "headers": wanted}]}


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("profile", "why"),
    [
        (shipped()["none"], "none: it sends no headers of its own"),
        (shipped()["coep-twice"], "coep-twice: it sends a header twice, which is the mistake that it shows"),
        (shipped()["service-worker"], "service-worker: a service worker adds its headers, no server sends them"),
        (
            shipped()["worker-without-coep"],
            "worker-without-coep: its headers depend on what is asked for; these are for a whole site",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Profile) else "",
)
def test_what_is_not_to_be_copied_is_refused(server: str, profile: Profile, why: str) -> None:
    """In a line that says why."""
    with pytest.raises(SnippetError) as raised:
        snippet(profile, server)
    assert str(raised.value) == why


def test_nginx_cannot_send_a_dollar() -> None:
    """It would be the beginning of a variable."""
    with pytest.raises(SnippetError, match=r"nginx takes `\$`"):
        snippet(_profile(**{"X-Price": "$5"}), "nginx")
