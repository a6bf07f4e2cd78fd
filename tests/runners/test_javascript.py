"""The JavaScript script interpreter, in every node, deno and bun here: what a script asks is carried out bit by bit."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runners.javascript import runtime as javascript
from runners.session import Session
from runners.targets import runtime_of
from tests.conftest import provided
from tests.runners.javascript_commands import (
    HERE,
    NODES,
    TARGETS,
    Json,
    call,
    command_line,
    get,
    join,
    memory,
    module,
    only,
    ref,
    run,
    spawn,
    v128,
    value,
)

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


def test_the_modules_of_these_tests_are_what_their_text_says() -> None:
    """The assembler is that of wasmtime's own environment."""
    python = command_line("wasmtime-50")[0]
    assemble = "import sys, wasmtime; sys.stdout.buffer.write(wasmtime.wat2wasm(sys.stdin.read()))"
    for text in sorted(HERE.glob("*.wat")):
        done = subprocess.run([python, "-I", "-c", assemble], input=text.read_bytes(), capture_output=True, check=True)
        assert done.stdout == text.with_suffix(".wasm").read_bytes(), text.name
