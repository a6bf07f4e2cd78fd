"""headers_server/service_worker.py: the server sends no headers, and gives out what adds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from headers_server.folder import folder_server
from headers_server.profiles import find
from headers_server.server import HeadersServer
from headers_server.service_worker import entrance


def test_no_header_is_sent_and_the_worker_has_them_all(
    tmp_path: Path, run: Callable[[HeadersServer], HeadersServer], ask: Callable[..., Any]
) -> None:
    profile = find("service-worker")
    origin = run(folder_server(tmp_path, profile)).origins[0]
    worker = ask(origin, "/headers-worker.js")
    assert worker.headers.get_content_type() == "text/javascript"
    first = worker.body.decode().splitlines()[0].removeprefix("const HEADERS = ").removesuffix(";")
    assert json.loads(first) == {kind: [list(pair) for pair in pairs] for kind, pairs in profile.headers.items()}
    for path in ("/", "/headers-worker.js", entrance("", "/")):
        answer = ask(origin, path)
        assert answer.status == 200
        assert not [name for name in answer.headers if name.startswith("Cross-Origin")]


def test_the_path_to_go_on_to_cannot_become_another_parameter() -> None:
    assert entrance("/a", "/b?c=d&e#f") == "/a/headers-worker.html?next=%2Fb%3Fc%3Dd%26e%23f"
