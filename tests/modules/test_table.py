"""modules/table.py: the table of builds is read into records, and its faults are named with file, line and key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.table import TableError, load

Edit = Callable[[str, str], None]

LOCKED = {
    "sha256": "ab" * 32,
    "size": 8,
    "source_sha256": "cd" * 32,
    "toolchain": {"shell": "shell 1.0"},
    "commands": ["cat header body > {out}"],
    "imports": {},
    "exports": {"f": "func () -> ()"},
    "memory": None,
}


def line_of(folder: Path, text: str) -> int:
    """The line of the table on which `text` stands."""
    lines = (folder / "builds.yaml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_row_and_its_lock_entry_make_a_module(folder: Path) -> None:
    """Modules are those rows that are in the lock; the sources need not be there."""
    (folder / "dist").mkdir()
    (folder / "dist" / "lock.json").write_text(json.dumps({"one": LOCKED}))
    for file in (folder / "sources").iterdir():
        file.unlink()
    table = load(folder)
    assert list(table.builds) == ["one", "two"]
    assert list(table.modules) == ["one"]
    module = table.modules["one"]
    assert (module.id, module.language, module.variant, module.jobs) == ("one", "text", "single", ("numeric",))
    assert (module.sha256, module.size, module.exports) == ("ab" * 32, 8, {"f": "func () -> ()"})
    assert module.path == folder / "dist" / "one.wasm"
    assert [row.reason for row in table.absent["go"]] == ["no shared memory"]


def test_serving_leaves_out_what_is_not_for_a_normal_matrix(folder: Path, edit: Edit) -> None:
    """A module of the variant `wrong` serves no job unless it is asked for."""
    (folder / "dist").mkdir()
    (folder / "dist" / "lock.json").write_text(json.dumps({"one": LOCKED, "two": LOCKED}))
    assert [module.id for module in load(folder).serving("numeric")] == ["one"]
    edit("variant: single", "variant: wrong")
    assert list(load(folder).serving("numeric")) == []
    assert [module.id for module in load(folder).serving("numeric", ("wrong",))] == ["one"]


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("label: text", "lable: text", "lable", "unknown key (did you mean label?)"),
        ("label: text", "", "one:", "modules.one.label: Field required"),
        ("jobs: [numeric]", "jobs: [numeric, sorting]", "jobs", "modules.one.jobs.1: Input should be"),
        ("variant: single", "variant: triple", "variant: triple", "modules.one.variant: Input should be"),
        ("toolchain: shell", "toolchain: shel", "toolchain: shel", "no toolchain named shel (did you mean shell?)"),
        ("    needs: sh", "    neds: sh", "neds", "unknown key (did you mean needs?)"),
        ("cause: unsupported/toolchain", "cause: it cannot", "cause", "absent.go.0.cause: String should match"),
        ("absent:", "absnt:", "absnt", "unknown key (did you mean absent?)"),
        ("  two:", "  Two:", "Two", "modules.Two.id: String should match"),
    ],
)
def test_a_fault_is_named_with_file_line_and_key(
    folder: Path, edit: Edit, old: str, new: str, key: str, says: str
) -> None:
    """Whoever misspells a key is led to its line, and to the word that was meant."""
    edit(old, new)
    with pytest.raises(TableError) as caught:
        load(folder)
    faults = [fault for fault in str(caught.value).splitlines() if says in fault]
    assert faults, str(caught.value)
    assert faults[0].startswith(f"{folder / 'builds.yaml'}:{line_of(folder, key)}: ")


def test_a_key_that_stands_twice_is_an_error_on_its_second_line(folder: Path, edit: Edit) -> None:
    """The second of two equal keys would silently win."""
    second = line_of(folder, "  two:")
    edit("  two:", "  one:")
    with pytest.raises(TableError, match=rf"builds\.yaml:{second}: .*duplicate key"):
        load(folder)


def test_a_file_that_is_not_yaml_is_an_error_with_its_line(folder: Path) -> None:
    """The parser's own message is passed on."""
    (folder / "builds.yaml").write_text("toolchains:\n  a: [1,\n  b: {\n")
    with pytest.raises(TableError, match=r"builds\.yaml:\d+: "):
        load(folder)


def test_a_broken_lock_is_an_error(folder: Path) -> None:
    """A lock that cannot be read must not pass for an empty one."""
    (folder / "dist").mkdir()
    (folder / "dist" / "lock.json").write_text('{"one": {"sha256": 5}}')
    with pytest.raises(ValueError, match=r"lock\.json"):
        load(folder)
