"""headers_server/files.py: what a folder serves, and that nothing else can be had through it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headers_server.files import Folder, mime_type
from headers_server.origin import Origin
from headers_server.profiles import find
from headers_server.server import HeadersServer, Mount

Ask = Callable[..., Any]


@pytest.fixture
def origin(tmp_path: Path, run: Callable[[HeadersServer], HeadersServer]) -> Origin:
    """A folder under `/none/files`, with a secret beside it."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "served-not").mkdir()
    (tmp_path / "served-not" / "secret.txt").write_text("secret")
    root = tmp_path / "served"
    (root / "sub").mkdir(parents=True)
    (root / "a.wasm").write_bytes(b"\0asm\1\0\0\0")
    (root / "sub" / "b & c.txt").write_text("hello")
    (root / "inside").symlink_to("sub")
    (root / "outside").symlink_to(tmp_path)
    (root / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (root / "loop").symlink_to("loop")
    return run(HeadersServer([Mount("/none", find("none"), Folder(root).routes("/files"))])).origins[0]


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "%2e%2e%2fsecret.txt",
        "sub/../../secret.txt",
        "sub/..%2f..%2fsecret.txt",
        "../served-not/secret.txt",
        "..%5csecret.txt",
        "%252e%252e/secret.txt",
        "/{outside}/secret.txt",
        "%2f{outside}/secret.txt",
        "{outside}/secret.txt",
        "outside/secret.txt",
        "outside.txt",
        "loop",
        "a.wasm%00",
        "a.wasm%00.txt",
        "%00",
        "absent",
        "a" * 5000,
        "sub",
        "sub/",
        "",
    ],
)
def test_a_path_never_leaves_its_folder(origin: Origin, tmp_path: Path, path: str, ask: Ask) -> None:
    answer = ask(origin, "/none/files/" + path.replace("{outside}", str(tmp_path).lstrip("/")))
    assert answer.status == (302 if path == "sub" else 404)
    assert b"secret" not in answer.body


def test_a_file_is_found_by_its_encoded_name_and_through_a_symlink_that_stays_inside(origin: Origin, ask: Ask) -> None:
    assert ask(origin, "/none/files/sub/b%20%26%20c.txt").body == b"hello"
    assert ask(origin, "/none/files/inside/b%20%26%20c.txt").body == b"hello"


def test_the_redirect_to_a_folder_cannot_lead_to_another_origin(origin: Origin, ask: Ask) -> None:
    for path in ("sub", "/sub", "//sub"):
        assert ask(origin, f"/none/files/{path}").headers["Location"] == "./sub/"


def test_a_range_is_sent_alone(origin: Origin, ask: Ask) -> None:
    answer = ask(origin, "/none/files/a.wasm", Range="bytes=1-3")
    assert (answer.status, answer.body, answer.headers["Content-Range"]) == (206, b"asm", "bytes 1-3/8")
    assert ask(origin, "/none/files/a.wasm", Range="bytes=9-").status == 416


def test_head_sends_the_headers_alone(origin: Origin, ask: Ask) -> None:
    answer = ask(origin, "/none/files/a.wasm", "HEAD")
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", "8")


def test_nothing_can_be_written(origin: Origin, ask: Ask) -> None:
    assert ask(origin, "/none/files/new.txt", "PUT").status == 405


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.wasm", "application/wasm"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.MJS", "text/javascript; charset=utf-8"),
        ("a.html", "text/html; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.png", "image/png"),
        ("a.unheardof", "application/octet-stream"),
    ],
)
def test_types_are_those_that_browsers_insist_on(name: str, expected: str) -> None:
    assert mime_type(Path(name)) == expected
