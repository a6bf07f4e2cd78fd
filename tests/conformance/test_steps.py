"""The short form of scripts: what it means in the protocol's commands, and what each mistake is told as."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from conformance.expect import check
from conformance.scene import Scene, StepFault, written
from conformance.steps import Step
from modules.table import Module

STEPS: TypeAdapter[tuple[Step, ...]] = TypeAdapter(tuple[Step, ...])


def module(name: str = "mine", **more: Any) -> Module:
    exports = {
        "add": "func (i32 i32) -> (i32)", "both": "func () -> (i32 f64)", "lanes": "func (v128) -> (v128)",
        "alloc": "func (i32) -> (i32)", "thread_entry": "func (i32 i32) -> (i32)", "memory": "memory 1..",
        "counter": "global mut i64", **more.pop("exports", {}),
    }  # fmt: skip
    values: dict[str, Any] = {
        "id": name, "language": "own", "variant": "single", "label": name, "abi": "core", "jobs": (), "features": (),
        "sha256": "0" * 64, "size": 8, "path": Path("/x"), "streaming": True, "imports": {}, "memory": None, **more,
    }  # fmt: skip
    return Module(exports=exports, **values)


def script(*steps: dict[str, Any], of: Module | None = None, **others: Module) -> list[dict[str, Any]]:
    """The commands of steps asked of a module."""
    mine = of or module()
    files = {"in.bin": b"\1\2"}
    return written(STEPS.validate_python(steps), Scene(mine, {mine.id: mine, **others}, files.__getitem__))


def one(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The last command."""
    return script(*steps, **more)[-1]


MODULE = {"type": "module", "module": "mine"}


def test_a_call_has_the_types_of_the_export() -> None:
    """Numbers without a type, in arguments as in results; an instance comes first."""
    assert script({"invoke": "add", "args": [2, "i32 -1"], "returns": 1}) == [
        MODULE,
        {
            "type": "action",
            "action": {
                "type": "invoke", "field": "add",
                "args": [{"type": "i32", "value": "2"}, {"type": "i32", "value": "4294967295"}],
            },
            "results": ["i32"],
            "expect": {"values": [{"type": "i32", "value": "1"}]},
        },
    ]  # fmt: skip


def test_a_call_without_an_expectation_must_only_not_fail() -> None:
    """Its result types come from the export all the same."""
    command = one({"invoke": "both"})
    assert command["results"] == ["i32", "f64"]
    assert "expect" not in command


def test_several_results() -> None:
    """In order, each with its own type."""
    assert one({"invoke": "both", "returns": [1, "nan"]})["expect"]["values"] == [
        {"type": "i32", "value": "1"},
        {"type": "f64", "value": "nan:canonical"},
    ]


@pytest.mark.parametrize(
    ("ending", "good", "bad"),
    [
        (
            {"traps": "integer overflow"},
            {"trap": {"kinds": ["integer overflow"]}},
            {"trap": {"kinds": ["unreachable"]}},
        ),
        ({"traps": ["unreachable", "integer overflow"]}, {"trap": {"kinds": ["unreachable"]}}, {"exit": 1}),
        ({"traps": True}, {"trap": {"kinds": []}}, {"exception": {}}),
        ({"throws": True}, {"exception": {}}, {"trap": {"kinds": []}}),
        ({"exits": 3}, {"exit": 3}, {"exit": 4}),
        ({"refused": "call"}, {"error": {"phase": "call"}}, {"error": {"phase": "link"}}),
    ],
)
def test_ways_to_end(ending: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]) -> None:
    """Each is met by itself, and by nothing else; an answer is not one of them."""
    expect = one({"invoke": "add", "args": [1, 2], **ending})["expect"]
    assert check(expect, good) is None
    assert check(expect, bad) is not None
    assert check(expect, {"values": [{"type": "i32", "value": "3"}]}) is not None


def test_vectors_are_compared_lane_by_lane() -> None:
    """The runner reports two i64; a lane of floats may be any NaN of a kind."""
    lanes = "v128 f32x4 1 nan nan:arithmetic -0"
    expect = one({"invoke": "lanes", "args": ["v128 i64x2 1 2"], "returns": lanes})["expect"]

    def seen(*bits: int) -> dict[str, Any]:
        whole = sum(lane << 32 * place for place, lane in enumerate(bits))
        value = {"type": "v128", "lane_type": "i64", "value": [str(whole & (1 << 64) - 1), str(whole >> 64)]}
        return {"values": [value]}

    assert check(expect, seen(0x3F800000, 0xFFC00000, 0x7FC01234, 0x80000000)) is None
    assert check(expect, seen(0x3F800000, 0xFFC00001, 0x7FC01234, 0x80000000)) is not None
    assert check(expect, seen(0x3F800000, 0xFFC00000, 0x7F801234, 0x80000000)) is not None
    assert check(expect, seen(0x3F800000, 0xFFC00000, 0x7FC01234, 0)) is not None


def test_a_global() -> None:
    """Its type is the export's."""
    command = one({"get": "counter", "returns": -1})
    assert command["action"] == {"type": "get", "field": "counter"}
    assert command["results"] == ["i64"]
    assert command["expect"]["values"][0]["value"] == str((1 << 64) - 1)


def test_memory_is_written_and_read() -> None:
    """At a number or at a result bound before; bytes of text, hexadecimal digits, base64 or a file."""
    commands = script(
        {"invoke": "alloc", "args": [16], "bind": "buffer"},
        {"write": "$buffer+4", "data": {"hex": "00 ff"}},
        {"write": 8, "data": {"file": "in.bin"}},
        {"read": "$buffer", "holds": {"base64": base64.b64encode(b"abc").decode()}},
        {"read": 0, "holds": "ä"},
        {"pages": 1},
    )
    assert commands[1]["bind"] == "buffer"
    assert commands[2:] == [
        {"type": "write", "address": {"bound": "buffer", "plus": 4}, "data": b"\0\xff"},
        {"type": "write", "address": 8, "data": b"\1\2"},
        {"type": "read", "address": {"bound": "buffer", "plus": 0}, "length": 3, "expect": {"bytes": b"abc"}},
        {"type": "read", "address": 0, "length": 2, "expect": {"bytes": "ä".encode()}},
        {"type": "pages", "expect": {"pages": 1}},
    ]


def test_the_instance_comes_behind_the_memories_that_it_imports() -> None:
    """And only where no step makes one."""
    memory = {"memory": "env.memory", "minimum": 1, "maximum": 2, "shared": True}
    commands = script(memory, {"pages": 1})
    assert [command["type"] for command in commands] == ["memory", "module", "pages"]
    assert commands[0]["as"] == ["env", "memory"]
    explicit = script({"module": "mine", "as": "it"}, {"invoke": "add", "args": [1, 2], "module": "it"})
    assert [command["type"] for command in explicit] == ["module", "action"]
    assert explicit[1]["action"]["module"] == "it"


def test_a_reactor_is_initialised_first() -> None:
    """As WASI wants it."""
    reactor = module(abi="wasi-reactor", exports={"_initialize": "func () -> ()"})
    assert [c.get("action", {}).get("field") for c in script({"pages": 1}, of=reactor)] == [None, "_initialize", None]


def test_modules_import_from_each_other() -> None:
    """By names of their own."""
    commands = script(
        {"module": "lib", "as": "lib"}, {"register": "env", "module": "lib"}, {"module": "mine"},
        lib=module("lib"),
    )  # fmt: skip
    assert commands == [
        {"type": "module", "module": "lib", "name": "lib"},
        {"type": "register", "as": "env", "name": "lib"},
        MODULE,
    ]


def test_threads() -> None:
    """One value for all of them, or one each."""
    spawn = {"spawn": "thread_entry", "workers": 2, "arg": 64, "stack": {"address": 1024, "size": 512}}
    for wanted in (0, [0, 0]):
        commands = script(spawn, {"join": wanted})
        assert commands[1]["stack"] == {"address": 1024, "size": 512}
        assert commands[2]["expect"] == {"workers": {"values": [[{"type": "i32", "value": "0"}]] * 2}}
    assert "expect" not in script(spawn, {"join": None})[2]
    assert script({"module": "mine", "as": "a"}, {**spawn, "module": "a"})[1]["name"] == "a"


def test_instances_stand_on_the_module_of_the_shared_memory() -> None:
    """It is the current one, to be read and written; the module under test is initialised, called and spawned."""
    program = module(abi="instances", exports={"_initialize": "func () -> ()"})
    commands = script(
        {"memory": "env.memory", "minimum": 32, "maximum": 256, "shared": True}, {"write": 0, "data": "a"},
        {"spawn": "thread_entry", "workers": 2}, {"invoke": "add", "args": [1, 2]},
        of=program, **{"wat-shared": module("wat-shared")},
    )  # fmt: skip
    _, shared, register, named, initialise, current, write, spawn, call = commands
    assert shared == current == {"type": "module", "module": "wat-shared"}
    assert register == {"type": "register", "as": "shared"}
    assert named == {**MODULE, "name": "program"}
    assert initialise["action"] == {"type": "invoke", "field": "_initialize", "args": []}
    assert write["type"] == "write"
    assert spawn["name"] == call["action"]["module"] == "program"


def test_a_wasi_program() -> None:
    """Its grant is what is said and no more; it ends with 0 unless said otherwise."""
    program = module("prog", abi="wasi-command", exports={"_start": "func () -> ()"})
    (command,) = script(
        {
            "run": ["-n", 5], "env": {"A": 1}, "stdin": "in", "files": {"/data/a/b.txt": "text", "/out/": None},
            "prints": {"matches": "x.*"}, "stderr": "", "leaves": {"/out/c": {"hex": "00"}, "/out/d": None},
        },
        of=program,
    )  # fmt: skip
    assert command == {
        "type": "wasi", "module": "prog", "args": ["prog.wasm", "-n", "5"], "env": {"A": "1"}, "stdin": b"in",
        "preopens": [
            {"guest": "/data", "entries": [{"path": "a/b.txt", "data": b"text"}]},
            {"guest": "/out", "entries": []},
        ],
        "collect": ["/out/c", "/out/d"],
        "expect": {
            "wasi": {
                "exit": 0, "stdout": {"matches": "x.*"}, "stderr": b"", "files": {"/out/c": b"\0", "/out/d": None},
            }
        },
    }  # fmt: skip


def test_commands_of_the_protocol_are_taken_as_they_are() -> None:
    """With the expectations of the suite's own cases; an instance is theirs to make."""
    raw = {"type": "module", "module": "$module", "via": "streaming"}
    other = {"type": "pages", "expect": {"between": [1, 4]}}
    assert script(raw, other) == [{**MODULE, "via": "streaming"}, other]
    assert script({"type": "memory", "as": ["env", "memory"]}, other)[1:] == [MODULE, other]


@pytest.mark.parametrize(
    ("steps", "index", "words"),
    [
        ([{"invoke": "ad", "args": [1, 2]}], 0, "exports no 'ad'; did you mean 'add'?"),
        ([{"pages": 1}, {"invoke": "add", "args": [1]}], 1, "takes 2 arguments, not 1"),
        ([{"invoke": "add", "args": [1, 2], "returns": [1, 2]}], 0, "returns 1 value, not 2"),
        ([{"invoke": "add", "args": ["f32 1", 2]}], 0, "an i32 is wanted here"),
        ([{"invoke": "memory"}], 0, "is no function but a memory 1.."),
        ([{"get": "conter"}], 0, "exports no global 'conter'; did you mean 'counter'?"),
        ([{"module": "mien"}], 0, "no such module: 'mien'; did you mean 'mine'?"),
        ([{"module": "mine"}, {"invoke": "add", "args": [1, 2], "module": "it"}], 1, "no module was named 'it'"),
        ([{"run": []}], 0, "is no WASI program"),
        ([{"join": 1}], 0, "nothing was spawned"),
        ([{"spawn": "thread_entry", "workers": 3}, {"join": [1, 2]}], 1, "one value for all 3 workers"),
        ([{"memory": "env.memory", "shared": True}], 0, "a shared memory has a maximum"),
    ],
)
def test_a_step_that_cannot_be_is_told_with_its_place(steps: list[dict[str, Any]], index: int, words: str) -> None:
    """Before anything is run."""
    with pytest.raises(StepFault) as caught:
        script(*steps)
    assert caught.value.index == index
    assert words in str(caught.value)
