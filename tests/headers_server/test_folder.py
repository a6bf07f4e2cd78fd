"""headers_server/folder.py: a user's folder with the headers of a profile."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headers_server.folder import FolderError, folder_server, serve_folder
from headers_server.origin import ListenError, listen
from headers_server.profiles import ProfileError, find, shipped
from headers_server.server import HeadersServer

Ask = Callable[..., Any]
Run = Callable[[HeadersServer], HeadersServer]
COEP = "Cross-Origin-Embedder-Policy"


def test_a_folder_is_the_root_of_its_origin(tmp_path: Path, run: Run, ask: Ask) -> None:
    (tmp_path / "index.html").write_text("<h1>mine</h1>")
    (tmp_path / "a.wasm").write_bytes(b"\0asm")
    origin = run(folder_server(tmp_path, find("isolated"))).origins[0]
    page, module = ask(origin, "/"), ask(origin, "/a.wasm")
    assert page.body == b"<h1>mine</h1>"
    assert module.headers["Content-Type"] == "application/wasm"
    for answer in (page, module, ask(origin, "/absent")):
        assert answer.headers[COEP] == "require-corp"
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_folder_without_index_is_listed_and_names_are_escaped(tmp_path: Path, run: Run, ask: Ask) -> None:
    (tmp_path / "a<b>&.txt").write_text("x")
    (tmp_path / "javascript:alert(1)").write_text("x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "out").symlink_to("/")
    origin = run(folder_server(tmp_path, find("none"))).origins[0]
    page = ask(origin, "/")
    text = page.body.decode()
    assert page.headers["Content-Type"].startswith("text/html")
    assert '<a href="./sub/">sub/</a>' in text
    assert '<a href="./a%3Cb%3E%26.txt">a&lt;b&gt;&amp;.txt</a>' in text
    assert '<a href="./javascript%3Aalert%281%29">' in text
    assert "out" not in [line.partition(">")[2] for line in text.splitlines()]
    assert "../" not in text
    assert '<a href="./../">../</a>' in ask(origin, "/sub/").body.decode()


def test_what_is_served_is_said(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        said: list[str] = []
        task = asyncio.create_task(serve_folder(tmp_path, "isolated", port=0, say=said.append))
        while not any(line.startswith("at ") for line in said):
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return said

    said = asyncio.run(scenario())
    assert "  Cross-Origin-Opener-Policy: same-origin" in said
    assert f"  {COEP}: require-corp" in said
    assert said[-1].startswith("at http://localhost:")


@pytest.mark.parametrize(
    ("folder", "profile", "error", "message"),
    [
        ("absent", "isolated", FolderError, "no such folder"),
        ("file", "isolated", FolderError, "not a folder"),
        ("", "isolatd", ProfileError, "did you mean 'isolated'"),
    ],
)
def test_what_cannot_be_served_is_told(
    tmp_path: Path, folder: str, profile: str, error: type[Exception], message: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(error, match=message):
        asyncio.run(serve_folder(tmp_path / folder, profile, port=0))


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    taken, sockets = listen("localhost")
    try:
        with pytest.raises(ListenError, match="the port is in use"):
            asyncio.run(serve_folder(tmp_path, port=taken.port))
    finally:
        for one in sockets:
            one.close()


def test_the_profiles_are_listed_with_their_headers() -> None:
    command = [sys.executable, "-m", "headers_server"]
    listed = subprocess.run([*command, "--list"], check=True, capture_output=True, text=True, timeout=30).stdout
    assert "isolated\n  The pair" in listed
    assert f"    {COEP}: require-corp   (document, frame)" in listed
    assert [name for name in shipped() if f"\n{name}\n" not in f"\n{listed}"] == []
    nothing = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert (nothing.returncode, "which folder?" in nothing.stderr) == (2, True)


def test_the_command_says_one_line_when_it_cannot_and_ends_quietly_when_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "headers_server", "--port", "0"]
    wrong = subprocess.run(
        [*command, str(tmp_path / "absent")], check=False, capture_output=True, text=True, timeout=30
    )
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
    with subprocess.Popen([*command, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONUNBUFFERED": "1"}) as right:  # fmt: skip
        assert right.stdout
        assert right.stderr
        try:
            while not right.stdout.readline().startswith("at http://localhost:"):
                assert right.poll() is None
            right.send_signal(signal.SIGINT)
            assert right.wait(10) == 0
        finally:
            right.kill()
        assert right.stderr.read() == ""
