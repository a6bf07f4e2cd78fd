"""modules/workshop.py: a build depends on its sources, its commands and its toolchain, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modules.table import load
from modules.workshop import BuildError, Missing, Workshop

Edit = Callable[[str, str], None]


def make(folder: Path, name: str = "one") -> bytes:
    """The bytes of a module of the table in `folder`."""
    table = load(folder)
    build = table.builds[name]
    return Workshop(folder).make(build, [table.toolchains[key] for key in build.toolchain]).wasm


def test_commands_run_in_a_copy_of_the_sources(folder: Path, edit: Edit) -> None:
    """What they write beside the sources does not come back; each build begins anew."""
    edit("cat header body > {out}", "test ! -e litter && touch litter && rm body && cat header > {out}")
    assert make(folder) == make(folder)
    assert sorted(file.name for file in (folder / "sources").iterdir()) == ["body", "header"]


def test_commands_see_their_places(folder: Path, edit: Edit) -> None:
    """{source} is where they run, {tmp} is empty and TMPDIR, {modules} the folder of the table."""
    edit(
        "commands: cat header body > {out}",
        "commands:\n"
        '      - test {source} -ef . && test {tmp} -ef $TMPDIR && test -z "$(ls {tmp})"\n'
        "      - \"{python} -c 'import sys; print(sys.version_info[0])' > {tmp}/kept\"\n"
        "      - cat {modules}/builds.yaml {tmp}/kept > {out}",
    )
    assert make(folder) == (folder / "builds.yaml").read_bytes() + b"3\n"


def test_a_caller_cannot_steer_the_compiler(folder: Path, edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell's flags do not reach the commands; the toolchain's own do."""
    for name in ("CFLAGS", "RUSTFLAGS", "CARGO_TARGET_DIR", "GOFLAGS", "NODE_OPTIONS", "TZ", "SOURCE_DATE_EPOCH"):
        monkeypatch.setenv(name, "--of-the-caller")
    monkeypatch.setenv("HARMLESS", "kept")
    edit("install: it is everywhere", "install: it is everywhere\n    env: {GOFLAGS: --of-the-table}")
    edit("cat header body > {out}", "env > {out}")
    lines = make(folder).decode().splitlines()
    assert not [line for line in lines if "--of-the-caller" in line]
    assert {"HARMLESS=kept", "GOFLAGS=--of-the-table", "TZ=UTC", "SOURCE_DATE_EPOCH=0"} <= set(lines)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("echo broken >&2; exit 3", "ended with 3:\n    broken"),
        ("touch elsewhere", "without writing"),
        ("cat $unset > {out}", "unset"),
        ("false; touch {out}", "ended with 1"),
    ],
)
def test_a_build_that_fails_says_which_command_and_why(folder: Path, edit: Edit, command: str, says: str) -> None:
    """The end of its output is part of the message."""
    edit("cat header body > {out}", command)
    with pytest.raises(BuildError, match=says):
        make(folder)


def test_without_sources_there_is_a_clear_error(folder: Path, edit: Edit) -> None:
    """An installed package has none."""
    edit("source: sources", "source: nowhere")
    with pytest.raises(BuildError, match="no sources"):
        make(folder)


def test_the_source_hash_is_of_names_and_contents(folder: Path) -> None:
    """Documents and what toolchains generate do not count; renaming and moving bytes between files do."""
    sources, workshop = folder / "sources", Workshop(folder)
    build = load(folder).builds["one"]
    seen = [workshop.source_hash(build)]
    (sources / "README.md").write_text("read me")
    (sources / "target").mkdir()
    (sources / "target" / "x").write_text("made by a compiler")
    assert workshop.source_hash(build) == seen[0]
    (sources / "header").rename(sources / "headers")
    seen.append(workshop.source_hash(build))
    (sources / "body").write_bytes((sources / "headers").read_bytes())
    (sources / "headers").write_bytes(b"")
    seen.append(workshop.source_hash(build))
    (sources / "more").write_bytes(b"")
    seen.append(workshop.source_hash(build))
    assert len(set(seen)) == 4


def test_files_limit_what_a_module_is_made_of(folder: Path, edit: Edit) -> None:
    """The others are neither hashed nor copied."""
    edit("source: sources", "source: sources\n    files: [he*]")
    assert [str(path) for path in Workshop(folder).source_files(load(folder).builds["one"])] == ["header"]
    with pytest.raises(BuildError, match="body"):
        make(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("version: exit 1", "`exit 1` failed"),
        ("version: echo shell 2.0\n    pin: shell 1.0", "found shell 2.0, the modules are built with shell 1.0"),
        ("version: echo shell 1.0\n    check: [true, test -d /no/such/library]", "`test -d /no/such/library` failed"),
    ],
)
def test_a_toolchain_that_is_not_whole_is_missing(folder: Path, edit: Edit, change: str, says: str) -> None:
    """It is there only in the right version, with all its parts."""
    edit("version: echo shell 1.0", change.replace("[true", "['true'"))
    state = Workshop(folder).probe(load(folder).toolchains["shell"])
    assert isinstance(state, Missing)
    assert says in state.reason
    assert state.install == "it is everywhere"


def test_a_toolchain_that_is_there_tells_its_version(folder: Path, edit: Edit) -> None:
    """Its exact words are what the lock records."""
    edit("version: echo shell 1.0", "version: echo shell 1.0\n    pin: '1.0'\n    check: test -d .")
    assert Workshop(folder).probe(load(folder).toolchains["shell"]) == "shell 1.0"
