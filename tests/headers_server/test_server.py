"""headers_server/server.py: every response of a prefix has its profile's headers, and nothing else has them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from headers_server.files import Folder
from headers_server.origin import ListenError, Origin, listen
from headers_server.profiles import load
from headers_server.server import HeadersServer, under_each

PROFILES = """
plain: {why: Nothing., headers: {}}
kinds:
  why: Each kind has a mark of its own.
  headers:
    everything: {X-Kind: everything, X-All: "yes"}
    document: {X-Kind: document}
    frame: {X-Kind: frame}
    worker: {X-Kind: worker, X-All: null}
    script: {X-Kind: script}
    module: {X-Kind: module, Content-Type: text/plain}
    other: {X-Kind: [a, b], Cache-Control: max-age=60}
"""

Ask = Callable[..., Any]
Run = Callable[[HeadersServer], HeadersServer]


@pytest.fixture
def origin(tmp_path: Path, run: Run) -> Origin:
    root = tmp_path / "root"
    root.mkdir()
    for name in ("page.html", "code.js", "code.mjs", "module.wasm", "picture.png"):
        (root / name).write_bytes(b"12345678")
    (tmp_path / "profiles.yaml").write_text(PROFILES)

    async def fail(_: web.Request) -> web.Response:
        raise RuntimeError("on purpose")

    routes = [web.get("/fail", fail), *Folder(root).routes()]
    return run(HeadersServer(under_each(routes, load(tmp_path / "profiles.yaml")))).origins[0]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("page.html", "document"), ("code.js", "script"), ("code.mjs", "script"), ("module.wasm", "module")],
)
def test_a_kind_is_told_by_its_type(origin: Origin, path: str, kind: str, ask: Ask) -> None:
    assert ask(origin, f"/kinds/{path}").headers.get_all("X-Kind") == [kind]


@pytest.mark.parametrize(
    ("destination", "kind"),
    [
        ("worker", "worker"),
        ("sharedworker", "worker"),
        ("serviceworker", "worker"),
        ("script", "script"),
        ("empty", "script"),
    ],
)
def test_a_worker_script_is_told_by_what_the_browser_asks_for(
    origin: Origin, destination: str, kind: str, ask: Ask
) -> None:
    assert ask(origin, "/kinds/code.js", Sec_Fetch_Dest=destination).headers.get_all("X-Kind") == [kind]


def test_a_page_in_a_frame_is_told_from_a_page(origin: Origin, ask: Ask) -> None:
    assert ask(origin, "/kinds/page.html", Sec_Fetch_Dest="iframe").headers["X-Kind"] == "frame"
    assert ask(origin, "/kinds/page.html", Sec_Fetch_Dest="document").headers["X-Kind"] == "document"


def test_a_kind_can_be_asked_for_by_name(origin: Origin, ask: Ask) -> None:
    assert ask(origin, "/kinds/code.js?headers-kind=worker").headers["X-Kind"] == "worker"
    assert ask(origin, "/kinds/code.js?headers-kind=nonsense").headers["X-Kind"] == "script"


def test_a_header_is_taken_away_sent_twice_or_set_over_the_servers_own(origin: Origin, ask: Ask) -> None:
    assert "X-All" not in ask(origin, "/kinds/code.js", Sec_Fetch_Dest="worker").headers
    other = ask(origin, "/kinds/picture.png").headers
    assert other.get_all("X-Kind") == ["a", "b"]
    assert other.get_all("Cache-Control") == ["max-age=60"]
    assert ask(origin, "/kinds/module.wasm").headers.get_all("Content-Type") == ["text/plain"]


@pytest.mark.parametrize(("path", "status"), [("absent", 404), ("fail", 500)])
def test_errors_have_the_headers_too(origin: Origin, path: str, status: int, ask: Ask) -> None:
    answer = ask(origin, f"/kinds/{path}")
    assert (answer.status, answer.headers["X-All"]) == (status, "yes")


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_ranges_and_head_have_the_headers_too(origin: Origin, method: str, ask: Ask) -> None:
    assert ask(origin, "/kinds/module.wasm", method, Range="bytes=0-1").headers["X-Kind"] == "module"


def test_profiles_do_not_leak_into_each_other(origin: Origin, ask: Ask) -> None:
    headers = ask(origin, "/plain/code.js").headers
    assert not [name for name in headers if name.startswith("X-")]
    assert "X-All" not in ask(origin, "/kindsx/code.js").headers
    assert ask(origin, "/").status == 404


def test_nothing_is_kept_by_the_browser(origin: Origin, ask: Ask) -> None:
    assert ask(origin, "/plain/module.wasm").headers.get_all("Cache-Control") == ["no-store"]


@pytest.mark.parametrize(
    ("host", "status"), [("evil.example", 421), ("localhost.evil.example", 421), ("a.localhost", 200), ("[::1]", 200)]
)
def test_a_name_rebound_to_this_machine_gets_nothing(origin: Origin, host: str, status: int, ask: Ask) -> None:
    answer = ask(origin, "/plain/code.js", Host=f"{host}:{origin.port}")
    assert answer.status == status
    assert (answer.body == b"12345678") is (status == 200)


def test_each_host_is_an_origin_and_all_are_freed() -> None:
    async def scenario() -> None:
        async with HeadersServer([], ["localhost", "localhost", "127.0.0.1"]) as server:
            origins = list(server.origins)
            assert [origin.host for origin in origins] == ["localhost", "localhost", "127.0.0.1"]
            assert len({origin.port for origin in origins}) == 3
        for origin in origins:
            _, sockets = listen(origin.host, origin.port)
            for one in sockets:
                one.close()

    asyncio.run(scenario())


def test_a_server_that_cannot_have_its_port_leaves_no_other_open() -> None:
    async def scenario() -> None:
        taken, sockets = listen("127.0.0.1")
        server = HeadersServer([], ["localhost", "127.0.0.1"], taken.port)
        try:
            with pytest.raises(ListenError, match="the port is in use"):
                await server.start()
            assert server.origins == []
        finally:
            for one in sockets:
                one.close()

    asyncio.run(scenario())
