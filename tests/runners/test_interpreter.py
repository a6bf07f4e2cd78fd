"""The script interpreter, in a real runner: whatever a script says, it answers and goes on."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runners.check import Bench
from runners.check.calls import i32, invoke

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
COMMANDS: list[dict[str, Any]] = [
    {"type": "register", "as": "lib", "name": "$a"},
    {"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 2, "shared": True},
    invoke("alloc", i32(1), bind="n", repeat=2),
    invoke("load", {"type": "i32", "bound": "n", "plus": 1}, module="$a"),
    {"type": "action", "action": {"type": "get", "field": "g"}, "results": ["i32"]},
    {"type": "write", "address": {"bound": "n", "plus": 1}, "data": {"base64": "QUJD"}},
    {"type": "read", "address": 1, "length": 2},
    {"type": "spawn", "workers": 1, "field": "f", "arg": i32(0), "stack": {"address": 1, "size": 1}, "tls": None},
    {
        "type": "wasi",
        "sha256": "",
        "path": "",
        "args": [],
        "env": {},
        "stdin": {"base64": ""},
        "preopens": [{"guest": "/", "entries": [{"path": "a", "data": {"base64": ""}}]}],
        "collect": ["/a"],
    },
    {"type": "assert_invalid", "sha256": "", "path": ""},
    {"type": "join"},
    {"type": "pages"},
]


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A command with one part, at any depth, that is anything at all or not there."""
    command = json.loads(json.dumps(draw(st.sampled_from(COMMANDS))))
    part: Any = command
    while True:
        key = draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        if isinstance(part[key], (dict, list)) and part[key] and draw(st.booleans()):
            part = part[key]
            continue
        if draw(st.booleans()):
            part[key] = draw(JSON)
        else:
            del part[key]
        return command


@pytest.fixture(scope="module")
def bench(command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """A bench with wasmtime's runner: the Python interpreter of scripts."""
    with Bench(command_of("wasmtime-50")) as bench:
        yield bench


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=st.lists(st.one_of(broken(), JSON), max_size=3) | JSON)
def test_no_script_ends_the_runner(bench: Bench, script: Any) -> None:
    """Any JSON at all is answered: with one result for each command up to the one that is wrong."""
    before = [bench.module("calls", name="$a")]
    for command in script if isinstance(script, list) else ():
        if isinstance(command, dict) and command.get("sha256") == "":
            command |= bench.file(bench.wasm("wasi-hello"))
    seen = bench.observe([*before, *script] if isinstance(script, list) else script)
    assert 1 <= len(seen.results) <= (len(script) + 1 if isinstance(script, list) else 1)
    if not isinstance(script, list):
        assert seen.results[0]["error"]["phase"] == "script"


def test_a_long_message_is_cut(bench: Bench) -> None:
    """An engine's message comes as far as it is of use."""
    name = "x" * 10_000
    (*_, seen) = bench.observe([bench.module("calls"), invoke(name)]).results
    assert len(seen["error"]["message"]) < 5_000


def test_a_failed_module_leaves_no_current_one(bench: Bench) -> None:
    """After a module whose start traps, calls do not reach the module before it."""
    *_, seen = bench.observe([bench.module("calls"), bench.module("trap-at-start"), invoke("count")]).results
    assert seen["error"]["phase"] == "call"


def test_modules_are_compiled_once(bench: Bench, tmp_path: Path) -> None:
    """A module's file is not asked for again in the session: its code is kept by content."""
    wasm = bench.wasm("calls") + b"\0\x03\x02hi"  # a custom section makes it one of its own
    path = tmp_path / "module.wasm"
    path.write_bytes(wasm)
    module = {"type": "module", "sha256": hashlib.sha256(wasm).hexdigest(), "path": str(path)}
    assert bench.run(module) == [{}]
    path.unlink()
    assert bench.run(module) == [{}]


def test_an_abandoned_spawn_ends_with_its_script(bench: Bench) -> None:
    """Workers that were not joined have ended before the script is answered."""
    script = [
        {"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 16, "shared": True},
        bench.module("threads"),
        {"type": "spawn", "workers": 2, "field": "count", "arg": i32(1024), "stack": None, "tls": None},
    ]
    assert bench.run(*script) == [{}, {}, {}]
    assert bench.run(bench.module("calls"), invoke("count"))[1]["values"] == [i32(1)]


def test_workers_do_not_reach_other_stores(bench: Bench) -> None:
    """A module that imports a memory which is not shared cannot be spawned: the spawn's error says what was missing."""
    script = [
        {"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 2},
        bench.module("memory-imported"),
        {"type": "spawn", "workers": 2, "field": "store", "arg": i32(0)},
    ]
    error = bench.observe(script).results[-1]["error"]
    assert error["phase"] == "spawn"
    assert "env::memory" in error["message"]


def test_bytes_of_any_length(bench: Bench) -> None:
    """Nothing at all can be written and read."""
    empty = {"base64": base64.b64encode(b"").decode()}
    *_, seen = bench.run(
        bench.module("calls"),
        {"type": "write", "address": 5, "data": empty},
        {"type": "read", "address": 5, "length": 0},
    )
    assert seen == {"bytes": ""}
