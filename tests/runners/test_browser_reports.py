"""Reports of policies, in the browsers that send any: to the page, and to the endpoint that the page names."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from headers_server import probes
from headers_server.profiles import shipped
from headers_server.resources import Resources
from headers_server.server import HeadersServer, Mount
from runners.browser.display import Display
from runners.browser.driver import end, start_here
from runners.browser.product import OFFLINE
from runners.browser.products import PRODUCTS
from runners.session import MIB
from runners.targets import session_of
from tests.conftest import ready

IMAGE = {"kind": "image", "name": "image", "mode": "no-cors", "relation": "cross-site", "query": {}}
LOADS = {"type": "probe", "probe": "subresources", "with": {"loads": [IMAGE]}}
FRAME = {"type": "probe", "probe": "contexts", "with": {"kind": "frame", "bare": True}}
DOCUMENT = {"type": "probe", "probe": "contexts", "with": {"kind": "document"}}
WITHIN = 20.0  # seconds


@pytest.mark.parametrize("browser", ["chromium", "webkitgtk"])
@pytest.mark.parametrize(("profile", "disposition"), [("coep-report-only", "reporting"), ("isolated", "enforce")])
def test_what_is_reported_to_the_page_is_evidence_once(browser: str, profile: str, disposition: str) -> None:
    """Of the cell that caused it: what is loaded all the same, and what is blocked."""
    with session_of(ready(f"{browser}+{profile}"), 1024 * MIB) as session:
        for asked, kind, path in ((LOADS, "corp", "/probes/resources/image"), (FRAME, "navigation", "/inside.html")):
            told = [one for one in session.run([asked], 20.0).facts["reports"] if one["type"] == "coep"]
            assert {(one["body"]["type"], one["body"]["disposition"]) for one in told} == {(kind, disposition)}
            assert all(path in one["body"]["blockedURL"] for one in told)
        assert not [one for one in session.run([DOCUMENT], 20.0).facts["reports"] if one["type"] == "coep"]


def test_firefox_reports_nothing_and_a_cell_says_so() -> None:
    with session_of(ready("firefox+coep-report-only"), 1024 * MIB) as session:
        assert session.run([LOADS], 20.0).facts["reports"] == []


async def reported(browser: str, profile: str, script: str, folder: Path) -> dict[str, Any]:
    """The first report that comes to the server of a page that runs this script; `ELSEWHERE` in it is another site."""
    product = PRODUCTS[browser]

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>It is reported on.</title>", content_type="text/html")

    routes = [*probes.routes(Resources(list)), web.get("/", page)]
    mounts = [Mount("/page", shipped()[profile], routes), Mount("/bare", shipped()["none"], routes)]
    async with HeadersServer(mounts, ["localhost", "127.0.0.1"], scheme="https") as server:
        # Chromium reports over https alone, to whose certificate it trusts itself, and otherwise after a minute.
        trust = ["--short-reporting-delay", f"--ignore-certificate-errors-spki-list={server.pin}"]
        options = product.options(headed=False, flags=trust if product.profile_name == "chromium" else [])
        display = Display(folder) if product.needs_display else None
        environment = {**os.environ, **OFFLINE, "TMPDIR": str(folder), **(display.start() if display else {})}
        started = await asyncio.to_thread(start_here, product, product.find(), options, folder, environment)
        try:
            await asyncio.to_thread(started.driver.get, f"{server.origins[0]}/page/")
            elsewhere = script.replace("ELSEWHERE", f"{server.origins[1]}/bare")
            await asyncio.to_thread(started.driver.execute_script, elsewhere)
            limit = time.monotonic() + WITHIN
            while not server.reports.received and time.monotonic() < limit:
                await asyncio.sleep(0.05)
            return server.reports.received[0]
        finally:
            await asyncio.to_thread(end, started)
            if display:
                display.stop()


@pytest.mark.parametrize(
    ("browser", "profile", "script", "type_", "body"),
    [
        ("chromium", "coep-report-only", "new Image().src = 'ELSEWHERE/probes/resources/image'", "coep", "corp"),
        ("webkitgtk", "coep-report-only", "new Image().src = 'ELSEWHERE/probes/resources/image'", "coep", "corp"),
        ("chromium", "coop-report-only", "open('ELSEWHERE/')", "coop", "navigation-from-response"),
    ],
)
def test_a_report_comes_to_the_endpoint_that_the_profile_names(
    browser: str, profile: str, script: str, type_: str, body: str
) -> None:
    ready(f"{browser}+{profile}")
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is too long for the name of Chromium's socket
        report = asyncio.run(reported(browser, profile, script, Path(folder)))
    assert (report["type"], report["body"]["type"], report["body"]["disposition"]) == (type_, body, "reporting")
    assert report["url"].endswith("/page/")
