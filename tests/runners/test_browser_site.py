"""What the browser's runner serves: the files that scripts name and its own, to its own page alone."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError

from headers_server.profiles import find
from runners.browser.blobs import Blobs
from runners.browser.page import Page, PageGone
from runners.browser.site import Site

WASM = b"\0asm\1\0\0\0"
SHA256 = hashlib.sha256(WASM).hexdigest()

Scenario = Callable[[ClientSession, str, Blobs, Page], Awaitable[None]]


def play(scenario: Scenario, packages: Path = Path("/absent")) -> None:
    """Serves a site under the profile `isolated` and plays the scenario: client, URL of the profile, blobs, page."""

    async def run() -> None:
        site, blobs, page = Site(find("isolated"), packages), Blobs("/isolated"), Page({"type": "hello"})
        async with site.server([*page.routes(), *blobs.routes()]) as server, ClientSession() as client:
            await scenario(client, f"{server.origins[0]}/isolated", blobs, page)

    asyncio.run(run())


def test_a_path_becomes_a_url_and_the_rest_of_the_script_stays() -> None:
    data = {"sha256": SHA256, "path": "/a"}
    script = [
        {"type": "module", "sha256": SHA256, "path": "/a", "name": "m"},
        {"type": "module", "sha256": SHA256, "path": "/a", "via": "streaming-wrong-mime"},
        {"type": "write", "address": 8, "data": data},
        {"type": "wasi", "preopens": [{"guest": "/", "entries": [{"path": "a.txt", "data": data}]}]},
        "rubbish",
    ]
    url = f"/isolated/blob/{SHA256}"
    blob = {"sha256": SHA256, "url": f"{url}.bin"}
    assert Blobs("/isolated").linked(script) == [
        {"type": "module", "sha256": SHA256, "url": f"{url}.wasm", "name": "m"},
        {"type": "module", "sha256": SHA256, "url": f"{url}.txt", "via": "streaming-wrong-mime"},
        {"type": "write", "address": 8, "data": blob},
        {"type": "wasi", "preopens": [{"guest": "/", "entries": [{"path": "a.txt", "data": blob}]}]},
        "rubbish",
    ]
    assert Blobs("/isolated").linked("no list") == "no list"


def test_only_files_that_a_script_named_are_served_and_only_with_the_content_it_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(WASM)

    async def scenario(client: ClientSession, url: str, blobs: Blobs, _: Page) -> None:
        async def status(name: str) -> int:
            async with client.get(f"{url}/blob/{name}") as response:
                return response.status

        assert await status(f"{SHA256}.wasm") == 404
        blobs.linked([{"type": "module", "sha256": SHA256, "path": str(tmp_path / "a")}])
        for extension, mime in {
            "wasm": "application/wasm",
            "txt": "text/plain",
            "bin": "application/octet-stream",
        }.items():
            async with client.get(f"{url}/blob/{SHA256}.{extension}") as response:
                assert await response.read() == WASM
                assert response.content_type == mime
                assert response.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        blobs.linked([{"type": "module", "sha256": "0" * 64, "path": str(tmp_path / "a")}])
        blobs.linked([{"type": "module", "sha256": "1" * 64, "path": str(tmp_path / "absent")}])
        assert await status(f"{'0' * 64}.wasm") == 409
        assert await status(f"{'1' * 64}.wasm") == 404
        assert await status("../a") == 404

    play(scenario)


def test_the_page_the_interpreter_and_its_packages_are_served(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "index.js").write_text("export {};")

    async def scenario(client: ClientSession, url: str, _blobs: Blobs, _page: Page) -> None:
        for path, mime in {
            "web/page.html": "text/html",
            "web/page.js": "text/javascript",
            "javascript/worker.js": "text/javascript",
            "javascript/node_modules/x/index.js": "text/javascript",
        }.items():
            async with client.get(f"{url}/runner/{path}") as response:
                assert (response.status, response.content_type) == (200, mime), path
        async with client.get(f"{url}/runner/web/../runner.py") as response:
            assert response.status == 404

    play(scenario, tmp_path)


def test_only_its_own_page_gets_in_and_only_once() -> None:
    async def scenario(client: ClientSession, url: str, _: Blobs, page: Page) -> None:
        for query in ("", "?token=guess"):
            with pytest.raises(WSServerHandshakeError, match="403"):
                await client.ws_connect(f"{url}/runner/socket{query}")
        async with client.ws_connect(f"{url}/runner/socket{page.query}"):
            with pytest.raises(WSServerHandshakeError, match="403"):
                await client.ws_connect(f"{url}/runner/socket{page.query}")

    play(scenario)


def test_a_page_says_hello_answers_and_when_it_goes_whoever_waits_is_told() -> None:
    async def scenario(client: ClientSession, url: str, _: Blobs, page: Page) -> None:
        async with client.ws_connect(f"{url}/runner/socket{page.query}") as socket:
            assert await socket.receive_json() == {"type": "hello"}
            await socket.send_json({"facts": {}})
            assert await page.hello() == {"facts": {}}
            asked = asyncio.create_task(page.ask({"type": "run", "id": 1}))
            message: Any = await socket.receive()
            assert (message.type, json.loads(message.data)) == (WSMsgType.TEXT, {"type": "run", "id": 1})
            await socket.send_str("the answer")
            assert await asked == "the answer"
            asked = asyncio.create_task(page.ask({"type": "run", "id": 2}))
            await socket.receive()
        with pytest.raises(PageGone):
            await asked
        assert page.gone.is_set()
        with pytest.raises(PageGone):
            await page.ask({"type": "run", "id": 3})

    play(scenario)
