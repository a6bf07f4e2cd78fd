"""headers_server/probes.py: what probes load, and the one header that a URL may ask for."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from headers_server import probes
from headers_server.origin import Origin
from headers_server.profiles import find
from headers_server.resources import Resources
from headers_server.server import HeadersServer, under_each

CORP = "Cross-Origin-Resource-Policy"


KEY = "0-1f-a"


def said(origin: Origin, path: str, data: bytes | None = None) -> bytes:
    """The answer to a GET, or to a POST of `data`. HTTPError."""
    with urlopen(f"{origin}{path}", data=data, timeout=10) as response:  # noqa: S310 (of ours, over http)
        return bytes(response.read())


@pytest.fixture
def origin(run: Callable[[HeadersServer], HeadersServer]) -> Origin:
    return run(HeadersServer(under_each(probes.routes(Resources(list)), {"isolated": find("isolated")}))).origins[0]


def test_a_page_comes_with_the_headers_of_its_profile_and_without_corp(origin: Origin, ask: Callable[..., Any]) -> None:
    answer = ask(origin, "/isolated/probes/inside.html")
    assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")
    assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert CORP not in answer.headers


def test_a_url_may_ask_for_corp(origin: Origin, ask: Callable[..., Any]) -> None:
    assert ask(origin, "/isolated/probes/inside.js?corp=cross-origin").headers[CORP] == "cross-origin"


def test_a_url_may_ask_for_an_embedder_policy_which_that_of_the_profile_overrules(
    run: Callable[[HeadersServer], HeadersServer], ask: Callable[..., Any]
) -> None:
    """Once, whoever has it."""
    mounts = under_each(probes.routes(Resources(list)), {name: find(name) for name in ("isolated", "none")})
    (origin,) = run(HeadersServer(mounts)).origins
    for profile, value in (("none", "credentialless"), ("isolated", "require-corp")):
        answer = ask(origin, f"/{profile}/probes/inside.html?coep=credentialless")
        assert answer.headers.get_all("Cross-Origin-Embedder-Policy") == [value]


def test_what_is_asked_for_with_an_id_is_told_of(origin: Origin, ask: Callable[..., Any]) -> None:
    """And nothing else is."""
    for query in ("", "?id=a"):
        ask(origin, f"/isolated/probes/inside.html{query}")
    (entry,) = json.loads(ask(origin, "/isolated/probes/resources/asked?id=a&id=").body)
    assert (entry["id"], entry["status"]) == ("a", 200)


@pytest.mark.parametrize("value", ["", "none", "cross-origin%0d%0aX-Evil:%201"])
def test_no_other_value_becomes_a_header(origin: Origin, ask: Callable[..., Any], value: str) -> None:
    answer = ask(origin, f"/isolated/probes/inside.js?corp={value}")
    assert answer.status == 400
    assert CORP not in answer.headers
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize("path", ["", "absent.js", "../folder.html", "..%2ffolder.html", "../../server.py"])
def test_nothing_else_is_served(origin: Origin, ask: Callable[..., Any], path: str) -> None:
    assert ask(origin, f"/isolated/probes/{path}").status == 404


def test_what_is_said_on_one_origin_is_heard_on_another_whoever_comes_first(
    run: Callable[[HeadersServer], HeadersServer],
) -> None:
    """Under whatever profile; once a key has its message, it keeps it."""
    mounts = under_each(probes.routes(Resources(list)), {name: find(name) for name in ("isolated", "none")})
    here, there = run(HeadersServer(mounts, ("localhost", "127.0.0.1"))).origins
    with ThreadPoolExecutor() as pool:
        heard = pool.submit(said, here, f"/isolated/probes/said/{KEY}")
        for text in (b'"first"', b'"second"'):
            assert said(there, f"/none/probes/said/{KEY}", text) == b""
        assert heard.result() == b'"first"'
    assert said(here, f"/isolated/probes/said/{KEY}") == b'"first"'


@pytest.mark.parametrize(("path", "length", "status"), [("said/nobody!", 1, 405), (f"said/{KEY}", 1 << 20, 413)])
def test_no_other_key_and_nothing_long_is_kept(origin: Origin, path: str, length: int, status: int) -> None:
    with pytest.raises(HTTPError) as told:
        said(origin, f"/isolated/probes/{path}", b"x" * length)
    assert told.value.code == status
