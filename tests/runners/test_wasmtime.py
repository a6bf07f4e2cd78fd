"""The adapter of wasmtime: the binding's faults, what older ones lack, its modes, and compiled modules on disk."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runners.session import Session
from runners.targets import RUNTIMES, parse_target
from tests.conftest import provided

ROOT = Path(__file__).parents[2]
WASMTIME = RUNTIMES["wasmtime"]
TARGETS = [f"wasmtime-{version}" for version in WASMTIME.versions]
MODES = [f"{TARGETS[0]}+{mode}" for mode in WASMTIME.modes if mode]
OLD = ["wasmtime-44", "wasmtime-40", "wasmtime-27", "wasmtime-24", "wasmtime-21"]
"""One of each kind that `_bridge.py` tells apart, the oldest among them."""

DIST = ROOT / "modules" / "dist"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    """The name of a target of wasmtime."""
    name: str = request.param
    return name


@pytest.fixture
def inside(target: str, command_of: Callable[[str], list[str]]) -> Run:
    """Runs Python inside the target's own environment, with the repository to import from."""
    python = command_of(target)[0]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run([python, "-B", *arguments], env=environment, capture_output=True, text=True, timeout=60)

    return run


def test_faults_of_the_binding_are_still_there(inside: Run) -> None:
    """Each fault that `_binding.py` works around exists: where this fails, its work-around can go."""
    seen = inside(
        "-c", "from runners.wasmtime._binding import *; import json; print(json.dumps([faults(), list(FAULTS)]))"
    )
    assert seen.returncode == 0, seen.stderr
    found, known = json.loads(seen.stdout)
    assert found == known, "mended upstream: " + ", ".join(set(known) - set(found))


def test_asking_for_a_type_with_v128_aborts(inside: Run) -> None:
    """The C interface still has no v128 in a function's type, and aborts: why the adapter never asks for one."""
    program = """if True:
        import wasmtime
        module = wasmtime.Module(wasmtime.Engine(), '(module (func (export "f") (param v128)))')
        str(module.exports[0].type.params[0])
    """
    assert inside("-c", program).returncode == -signal.SIGABRT


def test_the_modules_of_the_check_are_made_from_their_text(inside: Run) -> None:
    """check/modules.json is what its text gives."""
    path = str(ROOT / "runners" / "check" / "texts.py")
    seen = inside("-c", f"import runpy; runpy.run_path({path!r}, run_name='__main__')")
    assert seen.returncode == 0, seen.stderr


def _script(path: Path) -> list[dict[str, Any]]:
    module = {"type": "module", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "path": str(path)}
    call = {"type": "action", "action": {"type": "invoke", "field": "answer", "args": []}, "results": ["i32"]}
    return [module, call]


def _module(padding: int) -> bytes:
    """A module that exports `answer() -> 42` and has `padding` bytes of a custom section, at most 2 MiB."""
    body = bytes.fromhex("0061736d 01000000 01050160 00017f 03020100 070a01 06616e73776572 0000 0a06010400412a0b")
    content = b"\x01x" + bytes(padding)
    size = len(content)
    return body + bytes([0, size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14]) + content


def test_compiled_modules_are_kept_on_disk(target: str, command_of: Callable[[str], list[str]], tmp_path: Path) -> None:
    """A module is compiled once for all sessions; a damaged file is replaced, never written into."""
    large, small = tmp_path / "large.wasm", tmp_path / "small.wasm"
    large.write_bytes(_module(20_000))
    small.write_bytes(_module(10))
    cache = tmp_path / "cache"
    command = [*command_of(target), "--cache", str(cache)]

    def answers() -> None:
        with Session(command) as session:
            for path in (large, small):
                seen = session.run(_script(path), 20)
                assert [dict(result).get("values") for result in seen.results] == [
                    None,
                    [{"type": "i32", "value": "42"}],
                ]

    answers()
    (kept,) = (path for path in cache.rglob("*") if path.is_file())
    first = kept.stat()
    answers()
    assert kept.stat().st_ino == first.st_ino, "it was taken from the disk"
    kept.write_bytes(b"damaged")
    damaged = kept.stat()
    answers()
    assert kept.stat().st_size == first.st_size
    assert kept.stat().st_ino != damaged.st_ino or kept.stat().st_size != damaged.st_size
    assert list(cache.rglob("*.part")) == []


def _value(type_: str, value: int) -> dict[str, str]:
    return {"type": type_, "value": str(value)}


def _call(field: str, *args: dict[str, str], results: tuple[str, ...] = ("i32",)) -> dict[str, Any]:
    return {
        "type": "action",
        "action": {"type": "invoke", "field": field, "args": list(args)},
        "results": list(results),
    }


def _load(name: str) -> dict[str, Any]:
    path = DIST / f"{name}.wasm"
    return {"type": "module", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "path": str(path)}


SHARED = {"type": "memory", "as": ["env", "memory"], "minimum": 48, "maximum": 256, "shared": True}
HOSTILE = [_load("wat-hostile"), _call("after", _value("i32", 20))]
RIGHT = {"values": [_value("i32", 41)]}

# (memory (import "env" "memory") 1 256 shared) (func (export "thread_entry") … (loop $again (br $again)) …)
ENDLESS_THREAD = bytes.fromhex(
    "0061736d 01000000 01070160027f7f017f 0211 0103656e76066d656d6f72790203018002 03020100"
    "0710 010c7468726561645f656e7472790000 0a0b 0109 0003400c000b41000b"
)


@pytest.mark.parametrize("name", OLD)
def test_an_old_version_is_driven_as_a_new_one(name: str) -> None:
    """Traps have their kinds, references and shared memory are there, features are asked: all that is bridged."""
    target = provided(name)
    with Session(WASMTIME.command(target)) as session:
        hello = session.hello()
        assert hello.version.startswith(name.removeprefix("wasmtime-") + ".")
        assert {"threads", "simd", "reference-types", "tail-call"} <= hello.features
        assert ("exceptions" in hello.features) == (int(hello.version.split(".")[0]) >= 39)
        divide = _call("i32_div_s", _value("i32", 1), _value("i32", 0))
        trap = session.run([_load("wat-traps"), divide], 20).results[1]["trap"]
        assert trap["kinds"] == ["integer divide by zero"]
        keep = _call("keep_behind_wait", _value("i32", 0), _value("i64", 41), results=("i64",))
        shared = session.run([SHARED, _load("wat-threads"), {"type": "pages"}, keep], 20)
        assert shared.results[2] == {"pages": 48}
        assert shared.results[3]["values"] == [_value("i64", 42)]


@pytest.mark.parametrize("name", MODES)
def test_a_mode_is_at_work(name: str) -> None:
    """The runner says which mode it is in, and answers rightly; only pulley has no threads."""
    with Session(WASMTIME.command(provided(name))) as session:
        assert session.hello().facts["mode"] == name.partition("+")[2]
        assert session.run(HOSTILE, 20).results[1].items() >= RIGHT.items()
        assert ("threads" in session.hello().features) == (not name.endswith("+pulley"))


@pytest.mark.parametrize("mode", ["fuel", "epochs"])
def test_a_loop_is_ended_by_the_engine(mode: str, tmp_path: Path) -> None:
    """It is an answer of the runner, in a thread of the module too, and the same process takes the next script."""
    path = tmp_path / "endless.wasm"
    path.write_bytes(ENDLESS_THREAD)
    endless: dict[str, Any] = {
        "type": "module",
        "sha256": hashlib.sha256(ENDLESS_THREAD).hexdigest(),
        "path": str(path),
    }
    spawn: dict[str, Any] = {"type": "spawn", "workers": 2, "field": "thread_entry", "arg": _value("i32", 0)}
    with Session(WASMTIME.command(provided(f"{TARGETS[0]}+{mode}"))) as session:
        for script in (
            [_load("wat-hostile"), _call("loop_forever", results=())],
            [SHARED, endless, spawn, {"type": "join"}],
        ):
            seen = session.run(script, 1)
            assert (seen.end, seen.results[-1]["error"]["phase"]) == ("done", "deadline"), seen
            assert len(seen.results) == len(script)
            assert session.run(HOSTILE, 20).results[1].items() >= RIGHT.items()
        assert session.starts == 1


def test_what_cannot_be_had_is_said_at_once() -> None:
    """One line, without asking anybody: too old a version, a mode that a version has not."""
    for name, reason in {
        "wasmtime-20": "wasmtime 20: the oldest that our runner can drive is 21",
        "wasmtime-40+winch": "wasmtime 40: its binding has no `winch`, which came with 45",
    }.items():
        state = WASMTIME.state(parse_target(name, []))
        assert (state.kind, state.say) == ("missing", reason)
