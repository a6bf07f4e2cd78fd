"""headers_server/probes.py: what probes load, and the one header that a URL may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from headers_server import probes
from headers_server.origin import Origin
from headers_server.profiles import find
from headers_server.resources import Resources
from headers_server.server import HeadersServer, under_each

CORP = "Cross-Origin-Resource-Policy"


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


@pytest.mark.parametrize("value", ["", "none", "cross-origin%0d%0aX-Evil:%201"])
def test_no_other_value_becomes_a_header(origin: Origin, ask: Callable[..., Any], value: str) -> None:
    answer = ask(origin, f"/isolated/probes/inside.js?corp={value}")
    assert answer.status == 400
    assert CORP not in answer.headers
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize("path", ["", "absent.js", "../folder.html", "..%2ffolder.html", "../../server.py"])
def test_nothing_else_is_served(origin: Origin, ask: Callable[..., Any], path: str) -> None:
    assert ask(origin, f"/isolated/probes/{path}").status == 404
