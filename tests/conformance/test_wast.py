"""Scripts of the standard's form: what `wast2json` and `wasm-tools json-from-wast` write means the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.snapshot import FileFault, Snapshot
from conformance.wast import Converted, WastFault, read_wast

EXPORTS = b"\0asm\1\0\0\0" + bytes.fromhex(
    "01 0a 02 60 02 7f 7e 01 7d  60 00 00"  # types: (i32 i64) -> (f32); () -> ()
    "03 03 02 00 01  06 06 01 7e 01 42 05 0b"  # two functions; a mutable i64
    "07 0d 03 01 66 00 00  01 67 00 01  01 6e 03 00"  # exports f, g, and the global n
    "0a 0c 02 07 00 43 00 00 80 3f 0b  02 00 0b"
)
SPECTEST = b"\0asm\1\0\0\0" + bytes.fromhex("02 17 01 08") + b"spectest" + bytes.fromhex("0a") + b"global_i32\3\x7f\0"


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script of these commands, with two modules beside it."""
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "mine" / "spec"
    folder.mkdir(parents=True)
    (folder / "a.wasm").write_bytes(EXPORTS)
    (folder / "b.wasm").write_bytes(SPECTEST)

    def converted(*commands: dict[str, Any]) -> Converted:
        numbered = [{"line": place + 1, **command} for place, command in enumerate(commands)]
        (folder / "x.json").write_text(json.dumps({"source_filename": "x.wast", "commands": numbered}))
        return read_wast("spec/x.json", Snapshot(folder.parent))

    return converted


MODULE = {"type": "module", "filename": "a.wasm"}


def invoke(field: str, *args: Any, **more: Any) -> dict[str, Any]:
    return {"type": "invoke", "field": field, "args": list(args), **more}


def test_result_types_come_from_the_module(read: Any) -> None:
    """`wasm-tools` leaves them out where nothing is expected of them."""
    action = invoke("f", {"type": "i32", "value": "-1"}, {"type": "i64", "value": "-2"})
    *_, plain, trap, get = read(
        MODULE,
        {"type": "action", "action": action},
        {"type": "assert_trap", "action": action, "text": "integer overflow"},
        {"type": "assert_return", "action": {"type": "get", "field": "n"}, "expected": [{"type": "i64", "value": "5"}]},
    ).script
    assert plain["results"] == trap["results"] == ["f32"]
    assert [value["value"] for value in plain["action"]["args"]] == [str(2**32 - 1), str(2**64 - 2)]
    assert trap["expect"] == {"trap": ["integer overflow"], "what": "x.wast:3"}
    assert get["results"] == ["i64"]


def test_expected_values(read: Any) -> None:
    """NaN by kind, lanes, alternatives, references; signed integers as bits."""
    wanted = [
        {"type": "f32", "value": "nan:canonical"},
        {"type": "v128", "lane_type": "i8", "value": ["-1"] * 16},
        {"type": "either", "values": [{"type": "i32", "value": "1"}, {"type": "i32", "value": "-1"}]},
        {"type": "externref", "value": "1"},
        {"type": "funcref"},
        {"type": "refnull"},
    ]
    *_, command = read(MODULE, {"type": "assert_return", "action": invoke("g"), "expected": wanted}).script
    assert command["expect"]["values"] == [
        wanted[0],
        {"type": "v128", "lane_type": "i8", "value": ["255"] * 16},
        {"any": [{"type": "i32", "value": "1"}, {"type": "i32", "value": str(2**32 - 1)}]},
        {"type": "externref", "value": "1"},
        {"type": "funcref"},
        {"type": "refnull"},
    ]


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("uninitialized element 2", {"trap": ["uninitialized element"]}),
        ("out of bounds memory access", {"trap": ["out of bounds memory access"]}),
        ("null structure reference", {"trap": ["null reference"]}),
        ("something of the future", {"failure": [{"trap": True}]}),
    ],
)
def test_traps_by_their_text(read: Any, text: str, expect: dict[str, Any]) -> None:
    """The protocol's word for it, or any trap."""
    *_, command = read(MODULE, {"type": "assert_trap", "action": invoke("g"), "text": text}).script
    assert command["expect"] == {**expect, "what": "x.wast:2"}


def test_refusals_of_modules(read: Any) -> None:
    """Each in its phase; text, which no engine reads, is left out and counted."""
    converted = read(
        {"type": "assert_invalid", "filename": "a.wasm", "module_type": "binary", "text": ""},
        {"type": "assert_malformed", "filename": "a.wat", "module_type": "text", "text": ""},
        {"type": "assert_malformed_custom", "filename": "a.wat", "module_type": "text", "text": ""},
        {"type": "assert_unlinkable", "filename": "a.wasm", "text": ""},
        {"type": "assert_uninstantiable", "filename": "a.wasm", "text": "unreachable"},
    )
    assert [command["expect"] for command in converted.script] == [
        {"error": ["compile"], "what": "x.wast:1"},
        {"error": ["link", "instantiate"], "what": "x.wast:4"},
        {"trap": ["unreachable"], "what": "x.wast:5"},
    ]
    assert converted.say == "3 commands, 1 in text left out, 1 on custom sections left out"


def test_an_action_finds_its_instance(read: Any) -> None:
    """By name, the newest without; a definition may have several; a thread's are its own."""
    script = read(
        {**MODULE, "name": "$a"},
        {"type": "module_definition", "filename": "a.wasm", "name": "$d"},
        {"type": "module_instance", "module": "$d", "instance": "$i"},
        {"type": "action", "action": invoke("g")},
        {"type": "action", "action": invoke("g", module="$a")},
        {
            "type": "thread",
            "name": "$t",
            "commands": [{**MODULE, "line": 6}, {"type": "action", "action": invoke("g")}],
        },
        {"type": "wait", "thread": "$t"},
        {"type": "action", "action": invoke("g")},
        {"type": "register", "as": "r"},
    ).script
    modules = [command["action"]["module"] for command in script if command["type"] == "action"]
    assert modules[:2] == ["$i", "$a"]
    assert modules[2] not in ("$i", "$a")
    assert modules[3] == "$i"
    assert script[-1]["name"] == "$i"


def test_spectest_is_there_where_it_is_imported(read: Any) -> None:
    """And only there."""
    script = read({"type": "module", "filename": "b.wasm"}).script
    assert script[0] == {"type": "module", "module": "wat-spectest", "name": "#spectest"}
    assert script[1] == {"type": "register", "as": "spectest", "name": "#spectest"}
    assert [command["type"] for command in read(MODULE).script] == ["module"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({"type": "assert_wrong"}, "line 1: no such command: 'assert_wrong'"),
        ({"type": "module"}, "line 1 lacks 'filename'"),
        ({"type": "module", "filename": "a.wat", "module_type": "text"}, "line 1: a module that is text alone"),
    ],
)
def test_a_fault_says_its_line(read: Any, command: dict[str, Any], words: str) -> None:
    """Of the .wast file."""
    with pytest.raises(WastFault, match=words):
        read(command)


def test_a_module_that_is_not_there(read: Any) -> None:
    """Is named."""
    with pytest.raises(FileFault, match=r"spec/none\.wasm: no such file"):
        read({"type": "module", "filename": "none.wasm"})


def test_what_is_no_json(tmp_path: Path) -> None:
    """A text script was perhaps meant."""
    (tmp_path / "x.wast").write_text("(module)")
    with pytest.raises(WastFault, match="not what wast2json writes"):
        read_wast("x.wast", Snapshot(tmp_path))
