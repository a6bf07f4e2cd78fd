"""WASI in node, deno and bun: a program has what it was granted, and nothing stays."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import psutil
import pytest

from runners.observation import Observation
from runners.session import Session
from tests.runners.javascript_commands import DIST, HERE, Json, call, module, only, ref, run, value


def wasi(*args: str, **grant: Any) -> Json:
    return {"type": "wasi", **ref(DIST / "rust-wasi.wasm"), "args": ["it", *args], **grant}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


FOLDER = {
    "guest": "/data",
    "entries": [
        {"path": "a.txt", "data": {"base64": b64(b"in a file")}},
        {"path": "sub", "directory": True},
        {"path": "deep/er.txt", "data": {"base64": b64(b"deeper")}},
        {"path": "link", "symlink": "/etc/passwd"},
    ],
}


@pytest.mark.parametrize(
    ("asked", "exit_code", "stdout", "stderr"),
    [
        (wasi("args", "a", "ü b"), 0, "a\nü b\n", ""),
        (wasi("env", env={"B": "2", "A": "ein s"}), 0, "A=ein s\nB=2\n", ""),
        (wasi("cat", stdin={"base64": b64(b"through")}), 0, "through", ""),
        (wasi("cat"), 0, "", ""),
        (wasi("stderr", "aside"), 0, "", "aside"),
        (wasi("exit", "7"), 7, "", ""),
        (wasi("read", "/data/deep/er.txt", preopens=[FOLDER]), 0, "deeper", ""),
        (wasi("list", "/data", preopens=[FOLDER]), 0, "a.txt\ndeep\nlink\nsub\n", ""),
    ],
)
def test_a_wasi_command_has_what_it_was_granted(
    node: Session, asked: Json, exit_code: int, stdout: str, stderr: str
) -> None:
    """Arguments, environment, streams, folders and exit code, by node's own WASI."""
    (seen,) = run(node, asked)
    assert seen["exit"] == exit_code, seen
    assert base64.b64decode(seen["stdout"]).decode() == stdout
    assert base64.b64decode(seen["stderr"]).decode().startswith(stderr)


def test_files_are_collected_and_nothing_stays(node: Session) -> None:
    """What the guest wrote is reported; a link out of its folder is not followed; folders and descriptors are gone."""
    assert node.pid
    collect = ["/data/new", "/data/sub/none", "/data/link", "/elsewhere"]
    run(node, wasi("args"))
    before = psutil.Process(node.pid).num_fds()
    for _ in range(20):
        (seen,) = run(node, wasi("write", "/data/new", "written", preopens=[FOLDER], collect=collect))
    assert seen["files"] == {
        "/data/new": b64(b"written"),
        "/data/sub/none": None,
        "/data/link": None,
        "/elsewhere": None,
    }
    process = psutil.Process(node.pid)
    assert list(Path(process.environ()["TMPDIR"]).glob("[!.]*")) == []  # it is HOME, too: a runtime has its own there
    assert process.num_fds() <= before + 2


def test_a_wasi_command_that_fails_says_how(node: Session) -> None:
    """A module that is no command, and one whose imports are not there."""
    (seen,) = run(node, {"type": "wasi", **ref(HERE / "reactor.wasm"), "args": []})
    assert seen["error"]["phase"] == "call"
    (seen,) = run(node, {"type": "wasi", **ref(HERE / "imports.wasm"), "args": []})
    assert seen["error"]["phase"] == "link"


def test_a_reactor_is_started_by_its_script_and_prints_to_stderr(node: Session) -> None:
    """`_initialize` is called once, by the script; the grant is there; output is evidence, not protocol."""
    script = [
        module("reactor", wasi={"args": ["a", "b"]}),
        call("initialized", results=["i32"]),
        call("_initialize"),
        call("initialized", results=["i32"]),
        call("arguments", results=["i32"]),
        call("print", value("i32", 1), results=["i32"]),
    ]
    observation: Observation = node.run(script, 20)
    _, before, _, after, arguments, printed = observation.results
    assert [only(each)["value"] for each in (before, after, arguments, printed)] == ["0", "1", "2", "0"]
    assert observation.noise == ""
    assert "printed\n" in observation.stderr or "printed\n" in node.run([], 20).stderr


def test_the_exit_of_a_reactor_is_a_result(node: Session) -> None:
    """proc_exit ends the call, not the runner, and without a grant there are no arguments."""
    _, exited, arguments = run(
        node, module("reactor"), call("exit", value("i32", 3)), call("arguments", results=["i32"])
    )
    assert exited == {"exit": 3}
    assert only(arguments) == value("i32", 0)
