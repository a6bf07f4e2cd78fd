"""`wasm-matrix check`: whether targets agree on a module, with nobody's answer to hold them against."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.check import Answer, Seen, entries_of, grouped, ran
from conformance.cli._commands import commands
from modules.table import HERE
from tests.conftest import ready

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples"
DIST = HERE / "dist"

# ---- who agrees with whom


def seen(target: str, *results: dict[str, Any], refusal: tuple[str, str] | None = None) -> Seen:
    return Seen(target, tuple(Answer("f()", result) for result in results), 0.1, refusal)


def names(*all_seen: Seen) -> list[list[str]]:
    return [[one.target for one in group.members] for group in grouped(all_seen)]


def value(type_: str, bits: int | str) -> dict[str, Any]:
    return {"values": [{"type": type_, "value": str(bits)}], "seconds": 0.5}


def trap(*kinds: str) -> dict[str, Any]:
    return {"trap": {"kinds": list(kinds), "message": "in words of its own"}}


def test_values_are_compared_by_their_bits() -> None:
    """-0 is not 0; the larger group comes first, and times are no difference."""
    one, other = value("f64", 0), value("f64", 1 << 63)
    assert names(seen("a", other), seen("b", one), seen("c", {**one, "seconds": 9})) == [["b", "c"], ["a"]]


def test_quiet_nans_are_one() -> None:
    """The standard leaves their sign and payload open; a signalling one is another."""
    assert names(seen("a", value("f32", 0x7FC00000)), seen("b", value("f32", 0xFFC00001))) == [["a", "b"]]
    assert len(names(seen("a", value("f32", 0x7FC00000)), seen("b", value("f32", 0x7FA00000)))) == 2
    assert len(names(seen("a", value("i32", 0x7FC00000)), seen("b", value("i32", 0xFFC00001)))) == 2


def test_an_engine_that_does_not_tell_its_traps_apart_is_with_whom_it_may_be() -> None:
    """But it makes no bridge between two that differ for sure, whatever the order."""
    unknown, either = trap(), trap("unreachable", "integer overflow")
    sure, other = trap("unreachable"), trap("integer overflow")
    assert names(seen("a", unknown), seen("b", sure)) == [["a", "b"]]
    assert names(seen("a", either), seen("b", sure), seen("c", other), seen("d", sure)) == [["a", "b", "d"], ["c"]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (trap("unreachable"), value("i32", 1)),
        ({"exception": {}}, trap()),
        ({"exit": 1}, {"exit": 2}),
        ({"error": {"phase": "compile"}}, {"error": {"phase": "link"}}),
        ({"exit": 0, "stdout": "YQ==", "stderr": ""}, {"exit": 0, "stdout": "Yg==", "stderr": ""}),
        ({"exit": 0, "stdout": "", "files": {"/a": None}}, {"exit": 0, "stdout": "", "files": {"/a": ""}}),
        ({"workers": [value("i32", 1)]}, {"workers": [value("i32", 2)]}),
        ({"end": "crash", "code": -11, "say": "x"}, {"end": "deadline", "code": None, "say": "y"}),
    ],
)  # fmt: skip
def test_what_differs(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Ways to end, codes, output, files, workers, crashes."""
    assert len(names(seen("a", one), seen("b", other))) == 2
    assert len(names(seen("a", one), seen("b", one))) == 1


def test_who_could_not_be_asked_disagrees_with_nobody() -> None:
    """It is in no group."""
    refused = seen("a", refusal=("unsupported/feature:gc", "has not gc"))
    assert names(refused, seen("b", value("i32", 1))) == [["b"]]
    assert not ran([refused, seen("b", {"error": {"phase": "compile"}})])
    assert ran([refused, seen("b", {}, trap())])


def test_a_folder_is_copied_without_its_links(tmp_path: Path) -> None:
    """Not every WASI stays within its folders, and a link may lead anywhere."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").write_bytes(b"x")
    (tmp_path / "out").symlink_to("/")
    entries, files, left_out = entries_of(tmp_path)
    assert entries == [{"path": "sub", "directory": True}, {"path": "sub/a", "data": b"x"}]
    assert (files, left_out) == (["sub/a"], ["out"])


# ---- as a user has it

TARGETS = ("wasmtime-50", "node-24")


def check(
    *arguments: object, targets: tuple[str, ...] = TARGETS, cwd: Path = EXAMPLES
) -> subprocess.CompletedProcess[str]:
    """`wasm-matrix check` on these targets."""
    for name in targets:
        ready(name)
    chosen = [part for name in targets for part in ("--target", name)]
    return subprocess.run(
        [sys.executable, "-m", "conformance.cli", "check", *chosen, *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "COLUMNS": "160"},
    )  # fmt: skip


def as_data(*arguments: object, code: int = 0, **more: Any) -> dict[str, Any]:
    done = check("--json", *arguments, **more)
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def said(data: dict[str, Any], target: str) -> list[str]:
    return [answer["say"] for answer in data["targets"][target]["answers"]]


def test_without_a_call_it_is_instantiated_and_shown() -> None:
    """Exports with their types, the time of each target, and that all agree."""
    done = check("modules/adder.wasm")
    assert done.returncode == 0, done.stderr
    assert "add     func (i32 i32) -> (i32)" in done.stdout
    assert "all 2 agree" in done.stdout


def test_calls_are_typed_by_the_export() -> None:
    """Values, a NaN and a trap: of both targets the same."""
    found = as_data("modules/adder.wasm", "--call", "add 2 -3", "--call", "root -1", "--call", "div 1 0")
    for target in TARGETS:
        _, added, root, divided = said(found, target)
        assert added == "i32 -1 (0xffffffff)"
        assert root.startswith("f64 nan")
        assert divided == "a trap: integer divide by zero"
    assert found["groups"] == [list(TARGETS)]
    assert all(one["seconds"] > 0 for one in found["targets"].values())


def test_a_disagreement_is_exit_code_1() -> None:
    """wasmtime refuses exit codes of 126 and more, which node passes on; who is right is not said."""
    program = ("go-wasi.wasm", "--wasi", "--", "exit", "255")
    found = as_data(DIST / program[0], *program[1:], code=1)
    assert not found["agree"]
    assert said(found, "node-24") == ["exit code 255"]
    shown = check(DIST / program[0], *program[1:])
    assert "they disagree: 2 different outcomes" in shown.stdout


def test_a_wasi_program_has_its_grant(tmp_path: Path) -> None:
    """Arguments, standard input, environment, a copied folder; the host's own stays as it was."""
    (tmp_path / "in").write_bytes(b"world")
    found = as_data(
        EXAMPLES / "modules" / "greet.wasm", "--wasi", "--stdin", tmp_path / "in", "--dir", f"{tmp_path}::/data"
    )
    assert said(found, "node-24") == ["exit code 0; stdout 'hello, world'; /data/in 'world'"]
    (answer,) = found["targets"]["wasmtime-50"]["answers"]
    assert base64.b64decode(answer["result"]["files"]["/data/in"]) == b"world"


def test_a_module_that_never_ends_is_ended() -> None:
    """At its deadline, and shown so."""
    found = as_data(DIST / "wat-hostile.wasm", "--call", "loop_forever", "--deadline", "1", targets=("node-24",))
    assert said(found, "node-24") == ["no answer within the deadline"]


def test_a_threaded_module_gets_the_memory_that_it_imports() -> None:
    """By the limits of the import."""
    found = as_data(DIST / "wat-threads.wasm", targets=("wasmtime-50",))
    assert found["module"]["imports"]["env.memory"].endswith("shared")
    assert found["module"]["unprovided"] == {}
    assert said(found, "wasmtime-50") == ["done", "done"]


def test_instances_get_the_functions_of_the_shared_memory() -> None:
    """And the memory that these import; no import of theirs is one that nobody has."""
    found = as_data(DIST / "go-threads.wasm", targets=("wasmtime-50",))
    assert found["module"]["unprovided"] == {}
    assert "threads" in found["module"]["features"]
    assert set(said(found, "wasmtime-50")) == {"done", "no value"}


def test_a_wasi_program_gets_its_threads() -> None:
    """`wasi.thread-spawn` is none of the imports that nobody has."""
    program = DIST / "rust-wasi-threads.wasm"
    found = as_data(program, "--wasi", "--", "join", "3", targets=("wasmtime-50", "node-24"))
    assert found["module"]["unprovided"] == {}
    assert [said(found, target) for target in TARGETS] == [["exit code 0; stdout '0\\n1\\n4\\n'"]] * 2


def module(*sections: str) -> bytes:
    return b"\0asm\1\0\0\0" + b"".join(bytes.fromhex(section) for section in sections)


def test_an_import_that_nobody_has_is_named(tmp_path: Path) -> None:
    """Nothing could run: exit code 3."""
    file = tmp_path / "log.wasm"
    file.write_bytes(module("01 05 01 60 01 7f 00", "02 0b 01 03 656e76 03 6c6f67 00 00"))
    done = check(file)
    assert done.returncode == 3, done.stdout
    assert "no target provides its import env.log: func (i32) -> ()" in done.stdout
    assert "nothing could run" in done.stdout


def test_a_feature_that_a_target_lacks_is_no_disagreement(tmp_path: Path) -> None:
    """It is named; the others go on. Legacy exceptions are what wasmtime has not."""
    file = tmp_path / "legacy.wasm"
    body = "03 02 01 00  0d 03 01 00 00  07 05 01 01 66 00 00  0a 0b 01 09 00 06 40 08 00 07 00 0b 0b"
    file.write_bytes(module("01 04 01 60 00 00", body))
    found = as_data(file, "--call", "f")
    assert found["targets"]["wasmtime-50"]["refusal"]["cause"] == "unsupported/feature:exceptions-legacy"
    assert found["groups"] == [["node-24"]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.wasm"], "none.wasm: No such file"),
        (["modules/adder.wat"], "modules/adder.wat is WebAssembly text; assemble it first"),
        (["matrix.yaml"], "is no WebAssembly module"),
        (["modules/adder.wasm", "--call", "ad 1 2"], "did you mean 'add'?"),
        (["modules/adder.wasm", "--call", "add 1"], "takes 2 arguments, not 1"),
        (["modules/adder.wasm", "--call", "add 1 x"], "an i32 is a whole number"),
        (["modules/adder.wasm", "--call", ""], "the name of an export is wanted"),
        (["modules/adder.wasm", "--wasi"], "is no WASI program"),
        (["modules/adder.wasm", "--wasi", "--call", "add 1 2"], "is enough"),
        (["modules/adder.wasm", "--", "x"], "are for --wasi"),
        (["modules/adder.wasm", "--env", "A"], "NAME=VALUE is wanted"),
        (["modules/adder.wasm", "--dir", "none::/data"], "no such folder: none"),
        (["modules/adder.wasm", "--dir", "."], "HOST::GUEST is wanted"),
        (["modules/adder.wasm", "--script", "none.yaml"], "none.yaml: no such file"),
        (["modules/adder.wasm", "--target", "wasmtim-50"], "did you mean 'wasmtime-50'?"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What, where, what to do; never a traceback."""
    monkeypatch.chdir(EXAMPLES)
    done = CliRunner().invoke(commands, ["check", *arguments])
    assert done.exit_code == 2, done.output
    (line,) = (line for line in done.output.splitlines() if line.startswith("Error: "))
    assert words in line


def test_steps_of_a_file_can_be_asked(tmp_path: Path) -> None:
    """In the short form of matrix.yaml; a mistake says its line."""
    steps = tmp_path / "steps.yaml"
    steps.write_text("- {invoke: add, args: [1, 2]}\n- {get: calls, returns: 7}\n")
    found = as_data("modules/adder.wasm", "--script", steps, targets=("node-24",))
    assert said(found, "node-24")[1:] == ["i32 3 (0x00000003)", "i32 1 (0x00000001)"]
    steps.write_text("- {invoke: add, args: [1, 2]}\n- {gett: calls}\n")
    done = check("modules/adder.wasm", "--script", steps, targets=("node-24",))
    assert f"{steps}:2: 1: a step has one of these keys" in done.stderr
