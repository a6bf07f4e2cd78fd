"""Chicory's runner beyond the protocol: its deadlines, what it keeps, what it never touches."""

from __future__ import annotations

import base64
import contextlib
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from modules.table import load
from runners.check import Bench
from runners.chicory import build
from runners.chicory.build import MODES
from runners.chicory.runtime import CHICORY

MODULES = load().modules
PAGES = 4096  # of a memory, at most: Chicory.java


def section(number: int, *items: bytes) -> bytes:
    content = bytes([len(items)]) + b"".join(items)
    return bytes([number, len(content)]) + content


def function(*body: int) -> bytes:
    return bytes([len(body) + 2, 0, *body, 0x0B])


GROWING = b"\0asm\1\0\0\0" + b"".join(
    [
        section(1, b"\x60\0\1\x7f"),
        section(3, b"\0", b"\0"),
        section(4, b"\x70\0\1"),  # a table of 1 funcref
        section(5, b"\0\1"),  # a memory of 1 page
        section(7, b"\5table\0\0", b"\6memory\0\1"),
        section(10, function(0xD0, 0x70, 0x41, 9, 0xFC, 15, 0), function(0x41, 0xFF, 0x3F, 0x40, 0)),
    ]
)
"""`table` and `memory` grow theirs, by 9 and by 8191, and give the size before or -1."""


@pytest.fixture(scope="module", params=MODES)
def bench(request: pytest.FixtureRequest, command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """A bench with the runner in each of its modes."""
    with Bench(command_of(f"chicory-1.7+{request.param}")) as bench:
        yield bench


def call(field: str, *args: int, results: tuple[str, ...] = ("i32",)) -> dict[str, Any]:
    arguments = [{"type": "i32", "value": str(one)} for one in args]
    return {"type": "action", "action": {"type": "invoke", "field": field, "args": arguments}, "results": list(results)}


def module(name: str) -> dict[str, Any]:
    return {"type": "module", "sha256": MODULES[name].sha256, "path": str(MODULES[name].path)}


def test_it_says_what_it_is(bench: Bench) -> None:
    """The release is the engine's own word, and the one that the runtime names; the mode and the limits are facts."""
    hello = bench.hello
    assert (hello.runtime, hello.version) == ("chicory", CHICORY.versions["1.7"])
    assert hello.facts["mode"] == bench.command[-1]
    assert hello.facts["heap"].endswith("MiB")
    assert int(hello.facts["java"].split(".")[0]) >= 17


SPAWN = {
    "type": "spawn", "workers": 2, "field": "thread_entry", "arg": {"type": "i32", "value": "2097152"},
    "stack": {"address": 2101248, "size": 65536}, "tls": {"address": 2686976, "size": 4096},
}  # fmt: skip
MEMORY = {"type": "memory", "as": ["env", "memory"], "minimum": 48, "maximum": 256, "shared": True}


@pytest.mark.parametrize(
    ("script", "done"),
    [
        ([module("wat-hostile"), call("loop_forever", results=())], 1),
        ([MEMORY, module("wat-hostile-threads"), call("wait_forever", results=())], 2),
        ([MEMORY, module("wat-hostile-threads"), SPAWN, {"type": "join"}], 3),
        ([MEMORY, module("wat-hostile-threads"), SPAWN], 3),
    ],
    ids=["loop", "wait", "worker", "worker-not-joined"],
)
def test_it_holds_the_deadline_itself(bench: Bench, script: list[dict[str, Any]], done: int) -> None:
    """What was done is reported, then an error of phase deadline; the same process goes on, and no thread is left."""
    assert bench.run(module("wat-hostile"), call("after", 20))
    pid = bench.session.pid
    assert pid is not None
    *before, last = bench.observe(script, 2.0).results
    assert (len(before), last["error"]["phase"]) == (done, "deadline")
    assert bench.run(module("wat-hostile"), call("after", 20))[1]["values"] == [{"type": "i32", "value": "41"}]
    assert bench.session.pid == pid
    assert _left(pid) == []


def _left(pid: int) -> list[str]:
    """The threads of scripts that do not end."""
    until = time.monotonic() + 10  # the last script's own thread may end a moment after its answer
    while _threads(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return _threads(pid)


def _threads(pid: int) -> list[str]:
    found = []
    for thread in psutil.Process(pid).threads():
        with contextlib.suppress(OSError):  # it has ended
            found.append(Path(f"/proc/{pid}/task/{thread.id}/comm").read_text())
    return [name for name in found if name.startswith(("worker", "script", "program"))]


def test_an_instance_has_a_table_of_its_own(bench: Bench) -> None:
    """A table that grew in one script is small again in the next, though the parsed module is kept."""
    for _ in range(2):
        load_it = {"type": "module", **bench.file(GROWING)}
        seen = bench.run(load_it, call("table"), call("table"))
        assert [result["values"][0]["value"] for result in seen[1:]] == ["1", "10"]


def test_a_memory_is_bounded(bench: Bench) -> None:
    """Past the runner's limit `memory.grow` gives -1, and a memory that begins there is refused; the JVM lives on."""
    _, seen = bench.run({"type": "module", **bench.file(GROWING)}, call("memory"))
    assert seen["values"] == [{"type": "i32", "value": str(2**32 - 1)}]
    memory = {"type": "memory", "as": ["env", "memory"], "minimum": PAGES + 1, "shared": False}
    (refused,) = bench.observe([memory]).results
    assert refused["error"]["phase"] == "memory"
    assert bench.run({**memory, "minimum": PAGES}, {"type": "pages"})[1] == {"pages": PAGES}


def test_deep_recursion_is_a_trap_and_no_end(bench: Bench) -> None:
    """A thousand calls deep is fine; without end it is a trap, again and again, on the same JVM."""
    pid = bench.hello and bench.session.pid
    for _ in range(3):
        _, trap = bench.run(module("wat-hostile"), call("recurse"))
        assert trap["trap"]["kinds"] == ["call stack exhausted"]
    assert bench.session.pid == pid


def test_folders_are_in_memory(bench: Bench, tmp_path: Path) -> None:
    """A link out of a preopen leads nowhere on this machine, in reading and in writing, and nothing is left on disk."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"the machine's own")
    links = {"absolute": str(secret), "folder": str(tmp_path), "new": str(tmp_path / "new")}
    entries = [{"path": path, "symlink": to} for path, to in links.items()]
    for verb, path in (("read", "absolute"), ("read", "folder/secret"), ("write", "new"), ("write", "folder/new")):
        command = {"type": "wasi", "sha256": MODULES["rust-wasi"].sha256, "path": str(MODULES["rust-wasi"].path)}
        grant = {"args": ["program", verb, f"/data/{path}", "x"], "preopens": [{"guest": "/data", "entries": entries}]}
        (seen,) = bench.run({**command, **grant})
        assert b"the machine's own" not in base64.b64decode(seen["stdout"])
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert secret.read_bytes() == b"the machine's own"


def program(*args: str) -> dict[str, Any]:
    return {**module("rust-wasi-threads"), "type": "wasi", "args": ["program", *args]}


def test_the_threads_of_a_program_are_gone_with_it(bench: Bench) -> None:
    """Whatever they do, and at its deadline, too: the runner lives on without them."""
    for verb in ("outlived-waiting", "outlived-busy"):
        (seen,) = bench.run(program(verb))
        assert (seen["exit"], seen["threads"]) == (0, "host")
    pid = bench.session.pid
    (never,) = bench.observe([program("never")], 2.0).results
    assert (never["error"]["phase"], bench.session.pid) == ("deadline", pid)
    assert pid is not None
    assert _left(pid) == []


def test_a_program_that_wants_more_memory_does_not_start(bench: Bench, wat2wasm: Callable[[str], bytes]) -> None:
    """Than there is for one: an error that says so, and the runner goes on."""
    text = """(module
      (import "env" "memory" (memory 4097 4097 shared))
      (import "wasi" "thread-spawn" (func (param i32) (result i32)))
      (func (export "_start")))"""
    for pages, phase in ((PAGES + 1, "memory"), (1, None)):
        file = bench.file(wat2wasm(text.replace("4097", str(pages))))
        (seen,) = bench.observe([{"type": "wasi", **file, "args": ["program"]}]).results
        assert (seen.get("error") or {}).get("phase") == phase


def test_the_jvm_leaves_no_files_of_its_own(bench: Bench) -> None:
    """Neither its performance data nor a socket to attach to, which it would put beside the scratch folder."""
    assert bench.hello
    options = bench.command[: bench.command.index("-cp")]
    assert {"-XX:-UsePerfData", "-XX:+DisableAttachMechanism"} <= set(options)
    assert not [path for path in Path("/tmp").glob("hsperfdata_*/*") if path.name == str(bench.session.pid)]


def test_the_text_names_the_release() -> None:
    """Of the pom and of the runtime: one number in two files."""
    pom = (Path(__file__).parents[2] / "runners" / "chicory" / "pom.xml").read_text()
    assert re.findall(r"<chicory>(.+)</chicory>", pom) == [CHICORY.versions["1.7"]]


def test_it_compiles_without_a_warning(command_of: Callable[[str], list[str]], tmp_path: Path) -> None:
    """All of javac's lint is on; `classfile` alone is off, of which Chicory's own jars have one."""
    command = command_of("chicory-1.7+interpreter")
    sources = [str(path) for path in Path(build.__file__).parent.glob("java/**/*.java")]
    assert len(sources) > 20
    javac = ["javac", "--release", "17", "-encoding", "UTF-8", "-Xlint:all,-classfile", "-Werror", "-d", str(tmp_path)]
    path = command[command.index("-cp") + 1]
    done = subprocess.run([*javac, "-cp", path, *sources], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
