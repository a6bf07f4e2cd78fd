"""The JavaScript script interpreter, in every node, deno and bun here: what a script asks is carried out bit by bit.

`javascript/` has the modules of these tests as text, and as `modules/text/wat2wasm.py` assembled them.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runners.javascript import runtime as javascript
from runners.observation import Observation
from runners.session import Session
from runners.targets import runtime_of
from tests.conftest import provided, ready

HERE = Path(__file__).parent / "javascript"
DIST = Path(__file__).parents[2] / "modules" / "dist"
NODES = ["node-20", "node-24", "node-26"]
TARGETS = [*NODES, "deno-2.9", "bun-1.4"]

Json = dict[str, Any]


def command_line(name: str) -> list[str]:
    """The runner's command line; ends the test where that runtime is not here."""
    target = ready(name)
    return runtime_of(target).command(target)


@pytest.fixture(scope="module", params=TARGETS)
def node(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session with the runner in one version of node, deno or bun."""
    with Session(command_line(request.param)) as session:
        yield session


@functools.cache
def ref(path: Path) -> Json:
    return {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "path": str(path)}


def module(wasm: str, **more: Any) -> Json:
    """Loads `javascript/WASM.wasm`, or the compiled set's."""
    own = HERE / f"{wasm}.wasm"
    return {"type": "module", **ref(own if own.exists() else DIST / f"{wasm}.wasm"), **more}


def value(type_: str, bits: int) -> Json:
    return {"type": type_, "value": str(bits)}


def v128(low: int, high: int) -> Json:
    return {"type": "v128", "lane_type": "i64", "value": [str(low), str(high)]}


def call(field: str, *args: Json, results: Sequence[str] = (), **more: Any) -> Json:
    action = {"type": "invoke", "field": field, "args": list(args)}
    return {"type": "action", "action": action, "results": list(results), **more}


def get(field: str, type_: str) -> Json:
    return {"type": "action", "action": {"type": "get", "field": field}, "results": [type_]}


def memory(*, minimum: int = 1, maximum: int = 16, shared: bool = True) -> Json:
    return {"type": "memory", "as": ["env", "memory"], "minimum": minimum, "maximum": maximum, "shared": shared}


def spawn(workers: int, field: str, arg: Any = 0) -> Json:
    stack, tls = {"address": 1024, "size": 256}, {"address": 512, "size": 16}
    return {"type": "spawn", "workers": workers, "field": field, "arg": arg, "stack": stack, "tls": tls}


def run(session: Session, *script: Json, deadline: float = 20.0) -> Sequence[Any]:
    """The results of a script that the runner answers."""
    observation = session.run(script, deadline)
    assert observation.end == "done", observation
    return observation.results


def only(result: Any) -> Json:
    """The one value of a call's result."""
    assert "values" in result, result
    (one,) = result["values"]
    return dict(one)


# -- what the runner says of itself --


def test_hello_tells_what_the_engine_validates(node: Session) -> None:
    """Features are probed: all have SIMD and threads; node 20 alone has no GC. The version is the runtime's own."""
    hello = node.hello()
    name = f"{hello.runtime}-{hello.version}"
    assert any(name.startswith(f"{target}.") for target in TARGETS)
    assert {"simd", "threads", "bulk-memory", "mutable-globals"} <= hello.features
    assert ("gc" in hello.features) != name.startswith("node-20")
    assert hello.facts["v8" if "v8" in hello.facts else "webkit"]


@pytest.mark.parametrize("mode", ["no-liftoff", "liftoff-only"])
def test_a_mode_of_node_is_a_flag_of_its_engine(mode: str) -> None:
    """A local behind a wait, which V8 11.3's baseline compiler loses, and no other, tells which compiler is at work."""
    ask = call("keep_behind_wait", value("i32", 0), value("i64", 41), results=["i64"])
    for name in NODES:
        with Session(command_line(f"{name}+{mode}")) as session:
            *_, seen = run(session, memory(minimum=32, maximum=256), module("wat-threads"), ask)
            assert session.hello().facts["flags"] == f"--{mode}"
        assert (only(seen) == value("i64", 42)) == ((name, mode) != ("node-20", "liftoff-only"))


@pytest.mark.parametrize("name", ["node-16", "node-18", "deno-2.4", "bun-1.2"])
def test_an_older_version_is_driven_too(name: str) -> None:
    """By the same program: values, threads, and WASI where the runtime has one that can be used."""
    target = provided(name)
    with Session(runtime_of(target).command(target)) as session:
        hello = session.hello()
        assert f"{hello.runtime}-{hello.version}".startswith(f"{name}.")
        ask = call("keep_behind_wait", value("i32", 0), value("i64", 41), results=["i64"])
        *_, seen = run(session, memory(minimum=32, maximum=256), module("wat-threads"), ask)
        assert only(seen) == value("i64", 42)
        born = join(session, spawn(3, "instances"))
        assert [only(worker) for worker in born["workers"]] == [value("i32", 4)] * 3
        (seen,) = run(session, {"type": "wasi", **ref(HERE / "reactor.wasm"), "args": []})
        assert (seen["error"]["name"] == "unsupported") == (name not in ("node-16", "node-18")), seen


def test_node_20_comes_from_npm_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The release that is locked, whatever `node` is on PATH."""
    monkeypatch.setattr(javascript, "_machine_node", lambda: ("/usr/bin/node", "26.0.0"))
    target = provided("node-20")
    assert javascript.NODE.state(target).say == f"node {javascript.NODE.versions['20']} from npm"
    with Session(javascript.NODE.command(target)) as session:
        assert session.hello().version == javascript.NODE.versions["20"]


# -- values --


def bits(width: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**width - 1)


@given(
    i32=bits(32),
    i64=bits(64),
    f32=bits(32),
    f64=bits(64),
    low=bits(64),
    high=bits(64),
    f32_nan=st.builds(lambda sign, payload: sign << 31 | 0x7F800000 | payload, bits(1), st.integers(1, 2**23 - 1)),
    f64_nan=st.builds(lambda sign, payload: sign << 63 | 0x7FF << 52 | payload, bits(1), st.integers(1, 2**52 - 1)),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_bit_pattern_survives(
    node: Session, i32: int, i64: int, f32: int, f64: int, low: int, high: int, f32_nan: int, f64_nan: int
) -> None:
    """What goes into a module comes out of it, NaN payloads and v128 too."""
    sent = [
        value("i32", i32),
        value("i64", i64),
        value("f32", f32),
        value("f64", f64),
        v128(low, high),
        value("f32", f32_nan),
        value("f64", f64_nan),
    ]
    for name, kinds in (("wat-values", {"i32", "i64", "f32", "f64"}), ("wat-vectors", {"v128"})):
        asked = [each for each in sent if each["type"] in kinds]
        loaded, *seen = run(node, module(name), *(call(each["type"], each, results=[each["type"]]) for each in asked))
        assert loaded == {}
        assert [only(result) for result in seen] == asked


@pytest.mark.parametrize(
    ("lane", "lanes"),
    [
        ("i8", [*range(1, 16), 255]),
        ("i16", [0x0201, 0x0403, 0x0605, 0x0807, 0x0A09, 0x0C0B, 0x0E0D, 0xFF0F]),
        ("i32", [0x04030201, 0x08070605, 0x0C0B0A09, 0xFF0F0E0D]),
        ("f32", [0x04030201, 0x08070605, 0x0C0B0A09, 0xFF0F0E0D]),
        ("f64", [0x0807060504030201, 0xFF0F0E0D0C0B0A09]),
    ],
)
def test_a_v128_may_come_in_lanes_of_any_type(node: Session, lane: str, lanes: list[int]) -> None:
    """The same 16 bytes, however they are written; they are reported as i64."""
    given_ = {"type": "v128", "lane_type": lane, "value": [str(each) for each in lanes]}
    _, seen = run(node, module("wat-vectors"), call("v128", given_, results=["v128"]))
    assert only(seen) == v128(0x0807060504030201, 0xFF0F0E0D0C0B0A09)


def test_several_results_keep_their_bits_and_order(node: Session) -> None:
    """A signature with every numeric type in it, in and out."""
    sent = [value("f32", 0xFFA00001), value("i64", 2**64 - 1), v128(1, 2), value("f64", 0x7FF0000000000001)]
    _, seen = run(node, module("bits"), call("turn", *sent, results=["f64", "v128", "i64", "f32"]))
    assert seen["values"] == sent[::-1]


def test_globals_keep_their_bits(node: Session) -> None:
    """Globals are read exactly, whether they can be set or not."""
    wanted = [
        value("f32", 0x7FA00001),
        value("f64", 0xFFF4000000000001),
        v128(0x0000000200000001, 0xFFFFFFFF00000003),
        value("i64", 2**64 - 1),
    ]
    names = ["f32_signalling", "f64_signalling", "v128", "i64"]
    _, *seen = run(node, module("bits"), *(get(name, each["type"]) for name, each in zip(names, wanted, strict=True)))
    assert [only(result) for result in seen] == wanted


def test_references_come_back_as_they_went(node: Session) -> None:
    """null is null, a host's reference keeps its number, alone and beside a float."""
    seven, null, one = value("externref", 7), {"type": "externref", "value": "null"}, value("f32", 0x7F800001)
    _, alone, nothing, mixed = run(
        node,
        module("bits"),
        call("externref", seven, results=["externref"]),
        call("externref", null, results=["externref"]),
        call("mixed", seven, one, results=["f32", "externref"]),
    )
    assert (only(alone), only(nothing), mixed["values"]) == (seven, null, [one, seven])


@pytest.mark.parametrize(
    "wrong",
    [
        call("i64", value("i32", 1), results=["i64"]),
        call("i64", value("i64", 1), results=["i32"]),
        call("i32", value("f32", 1), results=["f32"]),
        call("i32", results=["i32"]),
        call("i32", value("i32", 1)),
        call("no such export"),
        call("i32", value("externref", 1), value("externref", 1), results=["externref"]),
        get("i32", "i32"),
    ],
)
def test_a_call_of_the_wrong_type_is_refused(node: Session, wrong: Json) -> None:
    """JavaScript would convert; a runner must not. The script ends there."""
    seen = run(node, module("wat-values"), wrong, {"type": "pages"})
    assert len(seen) == 2
    assert seen[1]["error"]["phase"] == "call"


def test_a_bound_result_is_an_argument_and_an_address(node: Session) -> None:
    """`bind` keeps a result, `plus` adds to it; i32 wraps."""
    data = {"base64": base64.b64encode(b"bound").decode()}
    *_, wrapped, written, by_address, by_number = run(
        node,
        memory(shared=False),
        module("wat-values"),
        call("i32", value("i32", 2**32 - 1), results=["i32"], bind="last"),
        call("i32", {"type": "i32", "bound": "last", "plus": 42}, results=["i32"], bind="at"),
        {"type": "write", "address": {"bound": "at"}, "data": data},
        {"type": "read", "address": {"type": "i32", "bound": "at", "plus": 2}, "length": 3},
        {"type": "read", "address": 41, "length": 5},
    )
    assert (only(wrapped), written) == (value("i32", 41), {})
    assert (base64.b64decode(by_address["bytes"]), by_number["bytes"]) == (b"und", data["base64"])


def test_a_repeated_call_is_timed_each_time(node: Session) -> None:
    """n times, and the sum; the values are the last call's."""
    alloc = call("alloc", value("i32", 16), results=["i32"])
    _, first, seen = run(node, module("wat-memory"), alloc, {**alloc, "repeat": 5})
    assert len(seen["times"]) == 5
    assert seen["seconds"] == pytest.approx(sum(seen["times"]))
    assert int(only(seen)["value"]) == int(only(first)["value"]) + 5 * 16


# -- ways to end --


@pytest.mark.parametrize(
    ("field", "args", "results", "kind"),
    [
        ("unreachable", [], [], "unreachable"),
        ("i32_div_s", [value("i32", 1), value("i32", 0)], ["i32"], "integer divide by zero"),
        ("i64_rem_u", [value("i64", 1), value("i64", 0)], ["i64"], "integer divide by zero"),
        ("i32_div_s", [value("i32", 2**31), value("i32", 2**32 - 1)], ["i32"], "integer overflow"),
        ("i32_trunc_f32_s", [value("f32", 0x7FC00000)], ["i32"], "invalid conversion to integer"),
        ("i32_trunc_f32_s", [value("f32", 0x7F7FFFFF)], ["i32"], "integer overflow"),
        ("load8", [value("i32", 65536)], ["i32"], "out of bounds memory access"),
        ("memory_fill", [value("i32", 65536), value("i32", 0), value("i32", 1)], [], "out of bounds memory access"),
        ("call_indirect", [value("i32", 4)], ["i32"], "undefined element"),
        ("call_indirect", [value("i32", 1)], ["i32"], "uninitialized element"),
        ("call_indirect", [value("i32", 2)], ["i32"], "indirect call type mismatch"),
        ("table_get_is_null", [value("i32", 4)], ["i32"], "out of bounds table access"),
        ("recurse", [], ["i32"], "call stack exhausted"),
    ],
)
def test_a_trap_has_its_name_and_the_script_goes_on(
    node: Session, field: str, args: list[Json], results: list[str], kind: str
) -> None:
    """The engine's message becomes the spec's word, and the instance can be asked again."""
    _, trapped, after = run(
        node, module("wat-traps"), call(field, *args, results=results), call("after", value("i32", 20), results=["i32"])
    )
    assert kind in trapped["trap"]["kinds"], trapped
    assert only(after) == value("i32", 41)


def test_an_uncaught_exception_is_no_trap(node: Session) -> None:
    """A wasm exception that reaches the host."""
    _, thrown, after = run(node, module("throws"), call("throw"), call("after", results=["i32"]))
    assert list(thrown) == ["exception"]
    assert only(after) == value("i32", 1)


def test_a_start_function_that_traps_leaves_no_module(node: Session) -> None:
    """The trap is the module's result, and no older instance is asked in its place."""
    _, trapped, asked = run(node, module("throws"), module("traps_at_start"), call("after", results=["i32"]))
    assert trapped["trap"]["kinds"] == ["unreachable"]
    assert (asked["error"]["phase"], asked["error"]["name"]) == ("call", "no-module")


def test_modules_that_must_be_refused_do_not_end_the_script(node: Session, tmp_path: Path) -> None:
    """For assert_invalid and its like an error is the answer."""
    broken = tmp_path / "broken.wasm"
    broken.write_bytes(b"\0asm\1\0\0\0\1\1")
    seen = run(
        node,
        {"type": "assert_malformed", **ref(broken)},
        {**module("imports"), "type": "assert_unlinkable"},
        {**module("traps_at_start"), "type": "assert_uninstantiable"},
        {**module("throws"), "type": "assert_invalid"},
    )
    assert [each.get("error", {}).get("phase") for each in seen] == ["compile", "link", None, None]
    assert (list(seen[2]), seen[3]) == (["trap"], {})


@pytest.mark.parametrize(
    "malformed",
    [
        {"type": "no such command"},
        {},
        {"type": "module"},
        {"type": "action", "results": []},
        call("i32", {"type": "i32", "value": "many"}, results=["i32"]),
        call("i32", value("i32", 2**32), results=["i32"]),
        call("i32", value("i33", 1), results=["i32"]),
        call("i32", value("i32", 1), results=["i33"]),
        call("i32", {"type": "i32", "bound": "nothing"}, results=["i32"]),
        call("i32", value("i32", 1), results=["i32"], repeat=0),
        call("v128", {"type": "v128", "lane_type": "i32", "value": ["1"]}, results=["v128"]),
        {"type": "read", "address": 0},
        {"type": "read", "address": "nowhere", "length": 1},
        {"type": "write", "address": 0, "data": {}},
        {"type": "write", "address": 0, "data": {"base64": "%%%"}},
        {"type": "memory", "as": ["env"], "minimum": 1, "maximum": 1},
        {"type": "spawn", "field": "i32", "arg": 0},
        spawn(1025, "i32"),
        {"type": "join"},
    ],
)
def test_a_malformed_command_is_an_error_of_the_script(node: Session, malformed: Json) -> None:
    """Nothing is guessed, and the commands after it are not carried out."""
    memory_first = memory(minimum=1, shared=False)
    name = "wat-vectors" if malformed.get("results") == ["v128"] else "wat-values"
    seen = run(node, memory_first, module(name), malformed, {"type": "pages"})
    assert len(seen) == 3
    assert seen[2]["error"]["phase"] == "script", seen[2]


def test_a_file_is_used_only_when_its_hash_is_right(node: Session, tmp_path: Path) -> None:
    """A file that is not there, or is another than the script means."""
    (tmp_path / "other").write_bytes(b"other")
    for path, name in ((tmp_path / "other", "hash"), (tmp_path / "missing", "ENOENT")):
        (seen,) = run(node, {"type": "module", "sha256": "0" * 64, "path": str(path)})
        assert (seen["error"]["phase"], seen["error"]["name"]) == ("fetch", name)


# -- modules together --


def test_registered_exports_are_the_imports_of_later_modules(node: Session) -> None:
    """And a name asks an instance that is no longer the current one."""
    asked = call("after", results=["i32"])
    asked["action"]["module"] = "first"
    *_, doubled, first = run(
        node,
        module("throws", name="first"),
        {"type": "register", "as": "other", "name": "first"},
        module("imports"),
        call("doubled", results=["i32"]),
        asked,
    )
    assert (only(doubled), only(first)) == (value("i32", 2), value("i32", 1))


def test_memory_is_read_and_written_and_has_an_end(node: Session) -> None:
    """The last byte is there, the next is an error."""
    data = {"base64": base64.b64encode(b"end").decode()}
    *_, pages, written, read, beyond = run(
        node,
        memory(minimum=2),
        module("threads"),
        {"type": "pages"},
        {"type": "write", "address": 2 * 65536 - 3, "data": data},
        {"type": "read", "address": 2 * 65536 - 3, "length": 3},
        {"type": "read", "address": 2 * 65536 - 2, "length": 3},
    )
    assert (pages, written, read) == ({"pages": 2}, {}, {"bytes": data["base64"]})
    assert beyond["error"]["phase"] == "memory"


def test_large_data_come_from_a_file(node: Session, tmp_path: Path) -> None:
    """Data by hash and path are what the file has."""
    content = bytes(range(256)) * 64
    (tmp_path / "data").write_bytes(content)
    *_, read = run(
        node,
        memory(),
        module("threads"),
        {"type": "write", "address": 0, "data": ref(tmp_path / "data")},
        {"type": "read", "address": 0, "length": len(content)},
    )
    assert base64.b64decode(read["bytes"]) == content


# -- threads --


def join(session: Session, *spawned: Json) -> Json:
    *_, joined = run(session, memory(), module("threads"), *spawned, {"type": "join"})
    assert "workers" in joined, joined
    return dict(joined)


@pytest.mark.parametrize("workers", [1, 4, 8])
def test_all_workers_are_instantiated_before_any_runs(node: Session, workers: int) -> None:
    """Each sees all the others' instances (and the main one's) on the one memory."""
    joined = join(node, spawn(workers, "instances"))
    assert [only(each) for each in joined["workers"]] == [value("i32", workers + 1)] * workers
    assert 0 <= max(each["seconds"] for each in joined["workers"]) <= joined["seconds"] < 5


def test_each_worker_has_its_own_stack_tls_and_number(node: Session) -> None:
    """The stack grows down from the end of its slice; the argument goes to all."""
    stacks, tls = join(node, spawn(3, "stack"))["workers"], join(node, spawn(3, "tls"))["workers"]
    assert [only(each)["value"] for each in stacks] == ["1280", "1536", "1792"]
    assert [only(each)["value"] for each in tls] == ["512", "528", "544"]
    numbers = join(node, spawn(3, "arg", {"type": "i32", "value": "1"}))["workers"]
    assert [only(each) for each in numbers] == [value("i64", 1), value("i64", 0), value("i64", 2**64 - 1)]
    assert [each["values"] for each in join(node, spawn(2, "silent"))["workers"]] == [[], []]


def test_a_trap_in_one_worker_is_its_own(node: Session) -> None:
    """The others give their values."""
    first, second, third = join(node, spawn(3, "trap_in_one"))["workers"]
    assert (only(first), only(third)) == (value("i32", 0), value("i32", 2))
    assert second["trap"]["kinds"] == ["unreachable"]


def test_workers_run_beside_the_script(node: Session) -> None:
    """They wait for a word that the main thread says after they were spawned."""
    say = call("say", value("i32", 64), value("i32", 42))
    joined = join(node, spawn(2, "wait_for_word"), say)
    assert [only(each) for each in joined["workers"]] == [value("i32", 42)] * 2


def test_workers_serve_the_next_script(node: Session) -> None:
    """After ten scripts there are no threads of forty workers more: an engine's own helpers may come and go."""
    assert node.pid
    join(node, spawn(4, "instances"))
    threads = psutil.Process(node.pid).num_threads()
    for _ in range(10):
        join(node, spawn(4, "instances"))
    assert psutil.Process(node.pid).num_threads() < threads + 8


def test_workers_that_cannot_start_are_an_error(node: Session) -> None:
    """No such function: of the call; a memory that cannot be shared: the engine's own name for it."""
    *_, absent = run(node, memory(), module("threads"), spawn(2, "no such export"), {"type": "join"})
    assert absent["error"]["phase"] == "call"
    *_, refused = run(node, memory(shared=False), module("unshared"), spawn(2, "thread_entry"), {"type": "join"})
    assert refused["error"]["phase"] == "spawn"
    assert refused["error"]["name"] in ("DataCloneError", "TypeError")  # deno: "#<Memory> could not be cloned."


def test_a_trap_before_the_workers_run_is_the_spawns(node: Session) -> None:
    """The start function of a thread traps: nothing runs, and there is nothing to join."""
    *_, spawned, joined = run(node, memory(), module("traps_in_a_thread"), spawn(2, "thread_entry"), {"type": "join"})
    assert spawned["trap"]["kinds"] == ["unreachable"]
    assert joined["error"]["phase"] == "script"


def test_workers_that_hang_are_ended_with_the_script(node: Session) -> None:
    """A script that does not join them ends, and so do they; one that does is ended by the host, and the next runs."""
    assert run(node, memory(), module("threads"), spawn(2, "wait_for_word"))[-1] == {}
    hung = node.run([memory(), module("threads"), spawn(2, "wait_for_word"), {"type": "join"}], 0.5)
    assert (hung.end, list(hung.results)) == ("deadline", [])
    assert len(join(node, spawn(2, "instances"))["workers"]) == 2


# -- WASI --


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


# -- the process --

HELLO = {"type": "hello", "protocol": 1}
ENDLESS = [memory(minimum=32, maximum=256), module("wat-hostile-threads"), call("wait_forever")]


def start(name: str, *messages: Json) -> subprocess.Popen[str]:
    process = subprocess.Popen(command_line(name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    for message in messages:
        process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()
    return process


@pytest.mark.parametrize("name", TARGETS)
def test_bye_and_the_end_of_input_end_it_with_0(name: str) -> None:
    """What was asked before is answered."""
    for last in ([{"type": "bye"}], []):
        process = start(name, HELLO, {"type": "run", "id": 1, "script": []}, *last)
        out, _ = process.communicate(timeout=10)
        assert process.returncode == 0
        assert [json.loads(line)["type"] for line in out.splitlines()] == ["hello", "observation"]


@pytest.mark.parametrize("name", TARGETS)
def test_sigterm_ends_it_while_it_is_busy(name: str) -> None:
    """Within a second, though the main thread is in a module that never comes back and others wait."""
    process = start(name, HELLO, {"type": "run", "id": 1, "script": ENDLESS})
    assert process.stdout
    process.stdout.readline()
    time.sleep(0.3)
    began = time.monotonic()
    process.terminate()
    assert process.wait(10) == -signal.SIGTERM
    assert time.monotonic() - began < 1
    process.communicate()


@pytest.mark.parametrize("name", TARGETS[1:])
def test_it_does_not_outlive_its_host(name: str) -> None:
    """The end of input is seen while the main thread is in a module that never comes back: it ends after its grace."""
    process = start(name, HELLO, {"type": "run", "id": 1, "script": ENDLESS})
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL


def test_the_modules_of_these_tests_are_what_their_text_says() -> None:
    """The assembler is that of wasmtime's own environment."""
    python = command_line("wasmtime-50")[0]
    assemble = "import sys, wasmtime; sys.stdout.buffer.write(wasmtime.wat2wasm(sys.stdin.read()))"
    for text in sorted(HERE.glob("*.wat")):
        done = subprocess.run([python, "-I", "-c", assemble], input=text.read_bytes(), capture_output=True, check=True)
        assert done.stdout == text.with_suffix(".wasm").read_bytes(), text.name


# -- what browsers alone use --


def evaluate(node: str, name: str, program: str, *arguments: str) -> Any:
    """What a program says that imports `runners/javascript/NAME` as `it`, and nothing of node."""
    file = Path(__file__).parents[2] / "runners" / "javascript" / name
    program = f"const it = await import({json.dumps(file.as_uri())}); console.log(JSON.stringify({program}));"
    command = [command_line(node)[0], "--input-type=module", "-e", program, *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.parametrize(
    ("message", "kinds"),
    [
        ("null function", ["uninitialized element"]),  # Chromium 156
        ("unreachable executed", ["unreachable"]),  # Firefox
        ("indirect call to null", ["uninitialized element"]),
        ("atomic wait on non-shared memory", ["expected shared memory"]),
        ("Out of bounds call_indirect (evaluating 'f(1)')", ["undefined element"]),  # WebKit
        ("Division by zero (evaluating 'f(1)')", ["integer divide by zero"]),
        ("it went wrong", []),
    ],
)
def test_other_engines_messages_have_their_names(message: str, kinds: list[str]) -> None:
    """The table of traps."""
    node = next(filter(ready, NODES), NODES[0])
    assert evaluate(node, "traps.js", "it.trapKinds(process.argv[1])", message) == kinds


@pytest.mark.parametrize("node_name", NODES)
def test_base64_without_buffer(node_name: str) -> None:
    """There and back by what browsers have, for more bytes than a call has arguments."""
    program = """(() => {
        const bytes = Uint8Array.from({ length: 300_001 }, (_, nth) => (nth * 7) % 256);
        const wanted = Buffer.from(bytes).toString('base64');
        delete globalThis.Buffer;
        return [it.encode(bytes) === wanted, it.decode(wanted).every((byte, nth) => byte === bytes[nth])];
    })()"""
    assert evaluate(node_name, "base64.js", program) == [True, True]
