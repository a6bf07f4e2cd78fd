"""modules/build.py: the compiled set is what its sources give, or the build says what differs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from modules import build
from modules.build import FAILED, NOTHING, OK, USAGE, main
from modules.lock import digest, read_lock

Edit = Callable[[str, str], None]
Captured = pytest.CaptureFixture[str]

EMPTY_MODULE = b"\0asm\x01\0\0\0"
OTHER_MODULE = EMPTY_MODULE + b"\x00\x02\x01x"
"""The same with a custom section."""


def test_an_update_writes_the_module_and_all_that_it_was_made_of(folder: Path) -> None:
    """And the next build finds it as it is."""
    assert main(["one", "--update"], folder) == OK
    assert (folder / "dist" / "one.wasm").read_bytes() == EMPTY_MODULE
    entry = read_lock(folder / "dist")["one"]
    assert (entry.sha256, entry.size) == (digest(EMPTY_MODULE), 8)
    assert entry.toolchain == {"shell": "shell 1.0"}
    assert entry.commands == ("cat header body > {out}",)
    assert main(["one"], folder) == OK


def test_a_mismatch_names_module_hashes_and_toolchains(folder: Path, edit: Edit, capsys: Captured) -> None:
    """Another compiler that gives other bytes: whoever reads it sees both sides."""
    assert main(["one", "--update"], folder) == OK
    edit("cat header body > {out}", "printf '\\000asm\\001\\000\\000\\000\\000\\002\\001x' > {out}")
    edit("echo shell 1.0", "echo shell 2.0")
    capsys.readouterr()
    assert main(["one"], folder) == FAILED
    said = capsys.readouterr().err
    for part in (
        "one: FAILED",
        digest(EMPTY_MODULE),
        digest(OTHER_MODULE),
        "shell 1.0",
        "shell 2.0",
        "the commands are not",
    ):
        assert part in said
    assert (folder / "dist" / "one.wasm").read_bytes() == EMPTY_MODULE


def test_changed_sources_are_a_failure_even_when_the_module_is_the_same(folder: Path, capsys: Captured) -> None:
    """The lock would tell an untruth about what the module was made of."""
    assert main(["one", "--update"], folder) == OK
    (folder / "sources" / "comment").write_text("nothing of this gets into the module")
    assert main(["one"], folder) == FAILED
    assert "other sources" in capsys.readouterr().err
    assert main(["one", "--update"], folder) == OK
    assert main(["one"], folder) == OK


def test_another_toolchain_that_gives_the_same_module_is_fine(folder: Path, edit: Edit, capsys: Captured) -> None:
    """Bytes are what counts; the difference is told."""
    assert main(["one", "--update"], folder) == OK
    edit("echo shell 1.0", "echo shell 2.0")
    assert main(["one"], folder) == OK
    assert "built by shell 1.0, and now by shell 2.0" in capsys.readouterr().out


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_module_that_is_not_the_locks_is_a_failure(folder: Path, harm: str, capsys: Captured) -> None:
    """Whoever edits dist/ by hand is found out."""
    assert main(["one", "--update"], folder) == OK
    file = folder / "dist" / "one.wasm"
    file.write_bytes(OTHER_MODULE) if harm == "changed" else file.unlink()
    assert main(["one"], folder) == FAILED
    assert "is not what the lock describes" in capsys.readouterr().err


def test_a_missing_toolchain_is_named_and_does_not_stop_the_others(folder: Path, capsys: Captured) -> None:
    """How to install it stands in the table."""
    assert main(["--update"], folder) == OK
    captured = capsys.readouterr()
    assert "one: written" in captured.out
    for part in ("not built: two", "toolchain elsewhere: no-such-compiler is not on PATH", "ask those who have it"):
        assert part in captured.err
    assert list(read_lock(folder / "dist")) == ["one"]


def test_when_nothing_can_be_built_the_exit_code_says_so(folder: Path) -> None:
    """That is neither success nor a mismatch."""
    assert main(["two"], folder) == NOTHING


def test_a_module_that_was_never_recorded_is_a_failure(folder: Path, capsys: Captured) -> None:
    """A new row of the table comes with its module."""
    assert main(["one"], folder) == FAILED
    assert "record it with --update" in capsys.readouterr().err


@pytest.mark.parametrize(("keep_going", "built"), [([], ["one"]), (["--keep-going"], ["one", "three"])])
def test_a_failure_ends_the_run_unless_it_is_to_keep_going(
    folder: Path, edit: Edit, capsys: Captured, keep_going: list[str], built: list[str]
) -> None:
    """Either way the exit code tells of it."""
    edit("toolchain: [shell, elsewhere]", "toolchain: shell")
    edit("commands: cat header > {out}", "commands: 'false'")
    row = (
        "language: text, variant: single, abi: core, label: x, jobs: [], toolchain: shell, source: sources, "
        "commands: 'cat header > {out}'"
    )
    edit("\nabsent:", f"  three: {{{row}}}\n\nabsent:")
    assert main(["--update", *keep_going], folder) == FAILED
    assert list(read_lock(folder / "dist")) == built
    assert "two: FAILED: `false` ended with 1" in capsys.readouterr().err


def test_what_is_no_module_is_not_recorded(folder: Path, edit: Edit, capsys: Captured) -> None:
    """A command that writes nonsense must not get into dist/."""
    edit("cat header body > {out}", "echo nonsense > {out}")
    assert main(["one", "--update"], folder) == FAILED
    assert "is no module" in capsys.readouterr().err
    assert read_lock(folder / "dist") == {}


def test_the_compiled_set_must_stay_small(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """It is cloned by everybody."""
    monkeypatch.setattr(build, "LIMIT", 8)
    assert main(["one", "--update"], folder) == FAILED
    assert "has 8 bytes; it must stay below 8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argument", "says"), [("oen", "no module is named oen (did you mean one?)"), ("x-*", "no module is named x-*")]
)
def test_an_unknown_module_is_wrong_usage(folder: Path, capsys: Captured, argument: str, says: str) -> None:
    """With the name that was meant."""
    assert main([argument], folder) == USAGE
    assert says in capsys.readouterr().err


def test_a_faulty_table_is_wrong_usage(folder: Path, edit: Edit, capsys: Captured) -> None:
    """With its line."""
    edit("label: text", "lable: text")
    assert main([], folder) == USAGE
    assert "did you mean label?" in capsys.readouterr().err


def test_the_list_tells_the_state_of_each_module(folder: Path, capsys: Captured) -> None:
    """Without building anything."""
    assert main(["--list"], folder) == OK
    assert not (folder / "dist").exists()
    assert "one  not in dist/    numeric  [shell 1.0]" in capsys.readouterr().out
    main(["one", "--update"], folder)
    (folder / "sources" / "header").write_bytes(OTHER_MODULE)
    capsys.readouterr()
    assert main(["--list"], folder) == OK
    said = capsys.readouterr().out
    assert "one  sources differ" in said
    assert "two  not in dist/    sha256 sort  [cannot be built: toolchain elsewhere: no-such-compiler" in said
    assert "to install: ask those who have it" in said


def test_the_lock_is_json_with_a_line_for_each_fact(folder: Path) -> None:
    """So that a change of one module is a small diff."""
    main(["one", "--update"], folder)
    text = (folder / "dist" / "lock.json").read_text()
    assert text.endswith("}\n")
    assert f'    "sha256": "{digest(EMPTY_MODULE)}",\n' in text
    assert list(json.loads(text)["one"]) == [
        "sha256", "size", "source_sha256", "toolchain", "commands", "imports", "exports", "memory",
    ]  # fmt: skip


def test_a_program_is_locked_with_all_its_files(folder: Path, edit: Edit, capsys: Captured) -> None:
    """A file beside the module that is another, or not there, is a mismatch as the module itself would be."""
    edit(
        "commands: cat header body > {out}",
        "commands: cat header > {out}; echo one > {folder}/one.js\n    beside: one.js",
    )
    assert main(["one", "--update"], folder) == OK
    script = folder / "dist" / "one.js"
    assert script.read_text() == "one\n"
    assert read_lock(folder / "dist")["one"].beside == {"one.js": digest(b"one\n")}
    assert main(["one"], folder) == OK
    script.write_text("changed here\n")
    assert main(["one"], folder) == FAILED
    assert "one.js is not what the lock describes" in capsys.readouterr().err
    edit("echo one", "echo two")
    assert main(["one"], folder) == FAILED
    assert "one.js differs" in capsys.readouterr().err
    edit("echo two > {folder}/one.js", "true")
    assert main(["one"], folder) == FAILED
    assert "without writing {folder}/one.js" in capsys.readouterr().err
