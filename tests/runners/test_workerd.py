"""workerd: what is special in how it is run, and what it forbids."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from modules.table import load
from runners.session import Session
from tests.conftest import ready
from tests.runners.ending import wait_for_end

TARGET = "workerd-1.20261117"
MODULES = load().modules
RUNNERS = Path(__file__).parents[2] / "runners"
pytestmark = pytest.mark.xdist_group(TARGET)

Json = dict[str, Any]


def ref(name: str) -> Json:
    module = MODULES[name]
    return {"sha256": module.sha256, "path": str(module.path)}


def call(field: str, *args: int, results: tuple[str, ...] = ("i32",)) -> Json:
    arguments = [{"type": "i32", "value": str(one)} for one in args]
    return {"type": "action", "action": {"type": "invoke", "field": field, "args": arguments}, "results": list(results)}


def imported(file: Path) -> set[Path]:
    """The file and all that it imports; what is made at run time is no file."""
    names = re.findall(r"^import [^;]*? from '(\.[^']+)'", file.read_text(), re.MULTILINE)
    found = [path for name in names if (path := (file.parent / name).resolve()).exists()]
    return {file}.union(*map(imported, found))


def test_its_configuration_names_every_file_of_a_scripts_worker() -> None:
    """One that is forgotten keeps each worker from starting."""
    text = (RUNNERS / "workerd" / "config.capnp").read_text()
    files = {path.relative_to(RUNNERS).as_posix() for path in imported(RUNNERS / "workerd" / "script_worker.js")}
    named = {name for name in re.findall(r'name = "([^"]+)", text', text) if "node_modules" not in name}
    assert named - {"DATE"} == {name for name in files if "node_modules" not in name}


@pytest.fixture(scope="module")
def workerd(command_of: Callable[[str], list[str]]) -> Iterator[Session]:
    with Session(command_of(TARGET)) as session:
        yield session


def children(session: Session) -> list[psutil.Process]:
    return psutil.Process(session.pid).children(recursive=True)


def test_it_listens_on_no_port(workerd: Session) -> None:
    """Requests come over a socket in the runner's own folder."""
    assert workerd.run([], 10).end == "done"
    assert children(workerd)
    assert [process.net_connections(kind="inet") for process in children(workerd)] == [[]]


def test_scripts_share_one_process(workerd: Session) -> None:
    """A script brings its modules without a restart."""
    workerd.run([], 10)
    before = [process.pid for process in children(workerd)]
    for name in ("wat-hostile", "rust", "assemblyscript"):
        assert workerd.run([{"type": "module", **ref(name)}], 30).results == [{}]
    assert [process.pid for process in children(workerd)] == before


def test_a_process_is_replaced_before_its_leak_counts(command_of: Callable[[str], list[str]]) -> None:
    """After a thousand scripts, and nobody who asks notices."""
    with Session(command_of(TARGET)) as session:
        session.run([], 10)
        (before,) = children(session)
        script = [{"type": "module", **ref("wat-hostile")}, call("after", 20)]
        for _ in range(1_001):
            assert session.run(script, 30).results[1]["values"] == [{"type": "i32", "value": "41"}]
        (after,) = children(session)
        assert after.pid != before.pid
        assert session.starts == 1


def test_a_killed_workerd_is_a_crash_with_its_signal(command_of: Callable[[str], list[str]]) -> None:
    """The runner ends as workerd did, and the next script finds a new one."""
    with Session(command_of(TARGET)) as session:
        session.run([], 10)
        (process,) = children(session)
        process.kill()
        wait_for_end([process])
        seen = session.run([], 10)
        assert (seen.end, seen.code) == ("crash", -9)
        assert session.run([], 10).end == "done"


def test_an_invalid_module_does_not_keep_the_valid_one_from_being_compiled(workerd: Session, tmp_path: Path) -> None:
    """Both are in one script; what is wrong with the one is told in the engine's words."""
    bad = tmp_path / "bad.wasm"
    bad.write_bytes(b"\0asm\x01\0\0\0\x01")
    digest = subprocess.run(["sha256sum", bad], capture_output=True, text=True, check=True).stdout.split()[0]
    refused, loaded, answered = workerd.run(
        [
            {"type": "assert_malformed", "sha256": digest, "path": str(bad)},
            {"type": "module", **ref("wat-hostile")},
            call("after", 20),
        ],
        30,
    ).results
    assert refused["error"]["phase"] == "compile"
    assert "section length" in refused["error"]["message"]
    assert loaded == {}
    assert answered["values"] == [{"type": "i32", "value": "41"}]


def test_a_bound_value_of_no_type_finds_its_adapter(workerd: Session) -> None:
    """Adapters are made before the script runs, so the type of what it binds is looked up in it."""
    bind = {**call("after", 3), "bind": "seven"}
    again = call("after")
    again["action"]["args"] = [{"bound": "seven"}]
    results = workerd.run([{"type": "module", **ref("wat-hostile")}, bind, again], 30).results
    assert results[2]["values"] == [{"type": "i32", "value": "15"}]


def test_a_grant_of_files_is_unsupported(workerd: Session) -> None:
    """As a page's: its shim has no files; a reactor without any grant starts."""
    preopens = [{"guest": "/data", "entries": []}]
    (refused,) = workerd.run([{"type": "module", **ref("go"), "wasi": {"preopens": preopens}}], 60).results
    assert (refused["error"]["phase"], refused["error"]["name"]) == ("wasi", "unsupported")
    started = workerd.run([{"type": "module", **ref("go")}, call("_initialize", results=())], 60).results
    assert "values" in started[1], started


def request(url: str, **more: Any) -> Json:
    return {"type": "request", **ref("rust"), "method": "GET", "url": url, **more}


def test_a_handler_keeps_nothing_of_a_request(workerd: Session) -> None:
    """Requests after each other, and after a script, find the same."""
    body = {"method": "POST", "body": {"base64": base64.b64encode(b"abc").decode()}}
    for _ in range(2):
        answers = workerd.run([request("/sha256", **body), request("/sha256", **body), request("/absent")], 30).results
        assert [answer["status"] for answer in answers] == [200, 200, 404]
        assert base64.b64decode(answers[0]["body"]).startswith(b"ba7816bf")
        assert answers[0]["body"] == answers[1]["body"]
        assert workerd.run([{"type": "module", **ref("wat-hostile")}], 30).results == [{}]


def test_a_handler_reaches_nothing_outside(workerd: Session) -> None:
    """workerd says why."""
    (answer,) = workerd.run([request("/fetch", headers={"host": "127.0.0.1:9"})], 30).results
    assert answer["status"] == 502
    assert answer["body"] != base64.b64encode(b"reached: 200").decode()


@pytest.mark.parametrize(
    "wrong",
    [{"url": "no path"}, {"url": "/a b"}, {"url": "/a\r\nx: y"}, {"method": "GET /"}, {"headers": {"a": "b\r\nc: d"}}],
    ids=json.dumps,
)
def test_a_malformed_request_is_an_error_of_phase_script(workerd: Session, wrong: Json) -> None:
    (result,) = workerd.run([{**request("/echo"), **wrong}], 30).results
    assert result["error"]["phase"] == "script"


def test_a_handler_with_an_invalid_module_is_an_error_of_phase_compile(workerd: Session, tmp_path: Path) -> None:
    """And the next one is served."""
    bad = tmp_path / "bad.wasm"
    bad.write_bytes(b"\0asm\x02\0\0\0")
    digest = subprocess.run(["sha256sum", bad], capture_output=True, text=True, check=True).stdout.split()[0]
    (result,) = workerd.run([{**request("/echo"), "sha256": digest, "path": str(bad)}], 30).results
    assert result["error"]["phase"] == "compile"
    assert workerd.run([request("/echo")], 30).results[0]["status"] == 200


def test_it_is_ready() -> None:
    assert ready(TARGET).version == "1.20261117"
