"""Viceroy: commands, handlers, and what a module cannot have of it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from modules.table import load
from runners import features
from runners.session import Session
from runners.viceroy.command import as_command
from tests.runners.ending import wait_for_end

TARGET = "viceroy-0.16"
MODULES = load().modules
pytestmark = pytest.mark.xdist_group(TARGET)

Json = dict[str, Any]


def ref(name: str) -> Json:
    module = MODULES[name]
    return {"sha256": module.sha256, "path": str(module.path)}


def wasi(name: str, *args: str, **grant: Any) -> Json:
    return {"type": "wasi", **ref(name), "args": ["matrix", *args], "env": {}, "preopens": [], "collect": [], **grant}


def request(url: str, **more: Any) -> Json:
    return {"type": "request", **ref("rust-edge"), "method": "GET", "url": url, **more}


@pytest.fixture(scope="module")
def viceroy(command_of: Callable[[str], list[str]]) -> Iterator[Session]:
    with Session(command_of(TARGET)) as session:
        yield session


def test_features_are_seen_though_nothing_can_be_called(viceroy: Session) -> None:
    """Probes run as commands: its engine has SIMD and tail calls; its limit is one memory, so several it has not."""
    seen = viceroy.hello().features
    assert {"simd", "tail-call", "bulk-memory", "reference-types"} <= seen
    assert "multi-memory" not in seen


@pytest.mark.parametrize("name", ["simd", "tail-call", "memory64", "gc", "exceptions", "table64", "threads"])
def test_a_probe_made_a_command_tells_right_from_wrong(name: str, viceroy: Session, tmp_path: Path) -> None:
    """It ends well with the probe's answer, and traps with any other; where the feature is not there, neither runs."""
    probe = features.load()[name]
    ends = []
    for answer in (42, 41):
        path = tmp_path / f"{answer}.wasm"
        path.write_bytes(as_command(probe, "probe", answer))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        (end,) = viceroy.run([{**wasi("rust-wasi"), "sha256": digest, "path": str(path)}], 30).results
        ends.append(end)
    if name in viceroy.hello().features:
        assert ends[0]["exit"] == 0
        assert "trap" in ends[1]
    else:
        assert all(end.get("exit") != 0 for end in ends)


def test_a_module_that_imports_is_no_probe() -> None:
    """Its functions would be counted wrong."""
    with pytest.raises(ValueError, match="imports nothing"):
        as_command(MODULES["rust-wasi"].path.read_bytes(), "_start", 42)


def test_what_it_cannot_grant_is_unsupported(viceroy: Session) -> None:
    """Environment, standard input, files, a program's name that is a path; exports cannot be called."""
    entries = [{"guest": "/data", "entries": []}]
    data = {"base64": base64.b64encode(b"x").decode()}
    for grant in ({"env": {"A": "B"}}, {"stdin": data}, {"preopens": entries}, {"args": ["a/b"]}):
        (seen,) = viceroy.run([{**wasi("rust-wasi", "args"), **grant}], 30).results
        assert (seen["error"]["phase"], seen["error"]["name"]) == ("wasi", "unsupported"), grant
    (seen,) = viceroy.run([{"type": "module", **ref("wat-hostile")}], 30).results
    assert (seen["error"]["phase"], seen["error"]["name"]) == ("instantiate", "unsupported")


def test_a_command_that_could_send_requests_is_not_run(viceroy: Session) -> None:
    """It is granted no network, and Viceroy would give it any."""
    (seen,) = viceroy.run([wasi("rust-edge")], 30).results
    assert (seen["error"]["phase"], seen["error"]["name"]) == ("wasi", "unsupported")
    assert "requests" in seen["error"]["message"]


def test_its_own_words_are_not_the_commands(viceroy: Session) -> None:
    """What it logs of a refused exit code is no part of the command's standard error."""
    wrote, refused = (
        viceroy.run([wasi("rust-wasi", *args)], 30).results[0] for args in (("stderr", "a"), ("exit", "255"))
    )
    assert base64.b64decode(wrote["stderr"]) == b"a"
    assert refused["error"]["phase"] == "call"
    assert "ERROR" not in refused["error"]["message"]


def test_a_server_serves_the_session_and_goes_with_it(command_of: Callable[[str], list[str]]) -> None:
    """On the loopback alone; one process for all requests of a module; none after the end."""
    with Session(command_of(TARGET)) as session:
        for _ in range(3):
            (answer,) = session.run([request("/absent")], 30).results
            assert answer["status"] == 404
        (server,) = psutil.Process(session.pid).children(recursive=True)
        listening = [c.laddr.ip for c in server.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]
        assert listening == ["127.0.0.1"]
    wait_for_end([server])


def test_a_server_that_was_killed_is_an_error_of_one_script(viceroy: Session) -> None:
    """The next one starts another."""
    assert viceroy.run([request("/absent")], 30).results[0]["status"] == 404
    servers = psutil.Process(viceroy.pid).children(recursive=True)
    for server in servers:
        server.kill()
    wait_for_end(servers)
    (lost,) = viceroy.run([request("/absent")], 30).results
    assert lost["error"]["phase"] == "request"
    assert viceroy.run([request("/absent")], 30).results[0]["status"] == 404


def test_a_module_that_is_no_handler_is_refused(viceroy: Session) -> None:
    """With Viceroy's reason; shared memory it links to nobody."""
    (seen,) = viceroy.run([{**request("/"), **ref("wat-hostile-threads")}], 30).results
    assert seen["error"]["phase"] == "link"
    assert "env::memory" in seen["error"]["message"]


@pytest.mark.parametrize(
    "command", [wasi("rust-wasi", "exit", "3"), request("/absent")], ids=lambda one: str(one["type"])
)
def test_a_killed_runner_leaves_nothing(command: Json, command_of: Callable[[str], list[str]]) -> None:
    """Killed outright, after either kind of work; a session goes on with a new one."""
    with Session(command_of(TARGET)) as session:
        session.run([command], 30)
        runner = psutil.Process(session.pid)
        family = runner.children(recursive=True)
        runner.kill()
        wait_for_end([runner, *family])
        assert session.run([command], 30).end == "done"
