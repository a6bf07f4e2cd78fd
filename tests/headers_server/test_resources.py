"""headers_server/resources.py: whole and right resources, with just the headers that were asked for; the log."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from headers_server import resources
from headers_server.profiles import shipped
from headers_server.resources import COOKIE, KINDS, Resources
from headers_server.server import HeadersServer, under_each

PLACE = "/none/r"


@pytest.fixture
def server(run: Callable[[HeadersServer], HeadersServer]) -> HeadersServer:
    """Two origins that have the resources below PLACE."""
    served = Resources(lambda: started.origins)
    mounts = under_each(served.routes("/r"), {"none": shipped()["none"]})
    started = run(HeadersServer(mounts, ("localhost", "127.0.0.1")))
    return started


def test_what_is_sent_is_whole() -> None:
    """So that it is never its own fault where a browser does not load it; the rest is text."""
    assert Image.open(io.BytesIO(KINDS["image"][1])).size == (1, 1)
    with wave.open(io.BytesIO(KINDS["video"][1])) as sound:
        assert (sound.getnframes(), sound.getframerate()) == (800, 8000)
    assert KINDS["font"][1][:4] == b"\0\1\0\0"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_type_and_nothing_else(server: HeadersServer, ask: Callable[..., Any], kind: str) -> None:
    """No header of a policy that was not asked for."""
    answer = ask(server.origins[0], f"{PLACE}/{kind}?id=1")
    assert answer.status == 200
    assert (answer.headers.get_content_type(), answer.body) == KINDS[kind]
    assert {name.lower() for name in answer.headers} == {
        "content-type", "content-length", "cache-control", "date", "server",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("corp=same-site", "Cross-Origin-Resource-Policy", "same-site"),
        ("coep=credentialless", "Cross-Origin-Embedder-Policy", "credentialless"),
        ("cors=any", "Access-Control-Allow-Origin", "*"),
        ("cors=credentials", "Access-Control-Allow-Origin", "http://elsewhere.test"),
        ("cors=credentials", "Access-Control-Allow-Credentials", "true"),
    ],
)
def test_a_header_that_is_asked_for_is_sent(
    server: HeadersServer, ask: Callable[..., Any], query: str, name: str, value: str
) -> None:
    """Once."""
    answer = ask(server.origins[0], f"{PLACE}/text?{query}", Origin="http://elsewhere.test")
    assert answer.headers.get_all(name) == [value]


@pytest.mark.parametrize("query", ["corp=none", "corp=same-site%0d%0aX-Mine:1", "coep=unsafe-none", "cors=*", "cors="])
def test_nothing_else_can_be_asked_for(server: HeadersServer, ask: Callable[..., Any], query: str) -> None:
    """A line that says what can."""
    answer = ask(server.origins[0], f"{PLACE}/text?{query}")
    assert answer.status == 400
    assert b"is one of" in answer.body
    assert "X-Mine" not in answer.headers


def test_there_are_no_other_kinds(server: HeadersServer, ask: Callable[..., Any]) -> None:
    """Nor paths."""
    for path in ("other", "image/..", "%2e%2e%2fprofiles.yaml"):
        assert ask(server.origins[0], f"{PLACE}/{path}").status == 404


def test_a_redirect_leads_to_this_server_alone(server: HeadersServer, ask: Callable[..., Any]) -> None:
    """To any of its origins, and nowhere else."""
    here, there = server.origins
    to = f"{there}{PLACE}/text?corp=same-site"
    answer = ask(here, f"{PLACE}/redirect?to={quote(to, safe='')}&corp=cross-origin")
    assert (answer.status, answer.headers["Location"]) == (302, to)
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    for other in (
        f"http://elsewhere.test:{there.port}/",
        "http://localhost:1/",
        "//elsewhere.test/",
        "/text",
        "",
        "a b",
        "http://[",
        f"http://me@localhost:{here.port}\r\nX-Mine: 1",
    ):
        assert ask(here, f"{PLACE}/redirect?to={quote(other, safe='')}").status == 400


def test_what_was_asked_is_told_by_its_id(server: HeadersServer, ask: Callable[..., Any]) -> None:
    """On each origin; with what matters of the request, whether the cookie came, and what was sent."""
    here, there = server.origins
    cookie = ask(here, f"{PLACE}/cookie?cors=any").headers["Set-Cookie"]
    assert {part.strip() for part in cookie.split(";")} == {
        f"{COOKIE}=1", "SameSite=None", "Secure", "HttpOnly", "Path=/",
    }  # fmt: skip
    ask(there, f"{PLACE}/image?id=a&corp=same-site", Cookie=f"{COOKIE}=1", Sec_Fetch_Site="cross-site", X_Other="1")
    ask(here, f"{PLACE}/redirect?id=b&to={quote(str(there), safe='')}")
    ask(here, f"{PLACE}/text?id=c")
    image, redirect = json.loads(ask(here, f"{PLACE}/asked?id=a&id=b").body)
    assert (image["id"], image["cookie"], image["status"]) == ("a", True, 200)
    assert image["headers"] == {"sec-fetch-site": "cross-site"}
    assert image["sent"]["Cross-Origin-Resource-Policy"] == "same-site"
    assert (redirect["id"], redirect["cookie"], redirect["status"]) == ("b", False, 302)


def test_who_waits_for_answers_is_told_once_all_have_been_given(server: HeadersServer, ask: Callable[..., Any]) -> None:
    """To whichever origin they went, before and after."""
    here, there = server.origins
    ask(here, f"{PLACE}/text?id=a")
    with ThreadPoolExecutor() as pool:
        told = pool.submit(ask, here, f"{PLACE}/answered?id=a&id=b")
        ask(there, f"{PLACE}/text?id=c")
        with pytest.raises(TimeoutError):
            told.result(0.2)
        ask(there, f"{PLACE}/text?id=b")
        assert told.result(5).status == 204


def test_who_waits_in_vain_is_told_so(
    server: HeadersServer, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the end."""
    monkeypatch.setattr(resources, "_PATIENCE", 0.05)
    assert ask(server.origins[0], f"{PLACE}/answered?id=a").status == 504
