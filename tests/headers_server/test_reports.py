"""headers_server/reports.py: reports of browsers are kept, and what is none is refused."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import ClientSession

from headers_server.profiles import shipped
from headers_server.reports import PATH
from headers_server.server import HeadersServer

TYPE = "application/reports+json"


async def sent(server: HeadersServer, body: str, mime: str = TYPE) -> int:
    async with (
        ClientSession() as client,
        client.post(f"{server.origins[0]}{PATH}", data=body.encode(), headers={"Content-Type": mime}) as answer,
    ):
        return answer.status


def test_reports_are_kept_in_order_and_only_the_last_thousand() -> None:
    async def scenario() -> None:
        async with HeadersServer([]) as server:
            assert await sent(server, json.dumps([{"type": "coep", "n": n} for n in range(999)])) == 204
            assert await sent(server, json.dumps([{"type": "coop", "n": n} for n in (999, 1000)])) == 204
            kept = list(server.reports.received)
            assert [report["n"] for report in kept] == list(range(1, 1001))
            assert kept[-1]["type"] == "coop"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("body", "mime", "status"),
    [("[]", "text/plain", 415), ("[", TYPE, 400), ("{}", TYPE, 400), ("[1]", TYPE, 400), ("\xff", TYPE, 400)],
)
def test_what_is_no_report_is_refused(body: str, mime: str, status: int) -> None:
    async def scenario() -> None:
        async with HeadersServer([]) as server:
            assert await sent(server, body, mime) == status
            assert not server.reports.received

    asyncio.run(scenario())


def test_the_profiles_that_only_report_lead_there() -> None:
    endpoints = {
        name: value
        for name, profile in shipped().items()
        for header, value in profile.headers["document"]
        if header == "Reporting-Endpoints"
    }
    assert endpoints == dict.fromkeys(["coop-report-only", "coep-report-only", "report-only"], f'isolation="{PATH}"')
