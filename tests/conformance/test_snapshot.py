"""What a matrix.yaml names stays in its folder, and stays as it was when the run began."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from conformance.snapshot import FileFault, Snapshot


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mine"
    made.mkdir()
    (made / "a.bin").write_bytes(b"first")
    (tmp_path / "secret").write_bytes(b"secret")
    return made


def test_a_file_that_changes_is_read_once(folder: Path) -> None:
    """Also by another process, which gets what was taken."""
    first = Snapshot(folder)
    assert first.read("a.bin") == b"first"
    (folder / "a.bin").write_bytes(b"second")
    assert first.read("a.bin") == b"first"
    assert Snapshot(folder, first.taken).read("a.bin") == b"first"
    assert Snapshot(folder).read("a.bin") == b"second"


@pytest.mark.parametrize("name", ["../secret", "sub/../../secret", "link", "through/secret", "SECRET"])
def test_nothing_outside_is_read(folder: Path, name: str) -> None:
    """Not by `..`, a link, a linked folder or an absolute path."""
    (folder / "sub").mkdir()
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "through").symlink_to(folder.parent)
    asked = str(folder.parent / "secret") if name == "SECRET" else name
    with pytest.raises(FileFault, match=r"stays in its folder|leads out of the folder"):
        Snapshot(folder).read(asked)


def test_a_link_within_is_fine(folder: Path) -> None:
    """A build's `latest` often is one."""
    (folder / "latest").symlink_to("a.bin")
    assert Snapshot(folder).read("latest") == b"first"


@pytest.mark.parametrize(
    ("name", "words"), [("none.wasm", "no such file"), (".", "cannot be read"), ("a\0b", "cannot be")]
)
def test_what_cannot_be_read_is_named(folder: Path, name: str, words: str) -> None:
    """With why."""
    with pytest.raises(FileFault, match=words):
        Snapshot(folder).read(name)


def test_a_full_disk_is_named_and_no_part_of_a_file_stays(folder: Path) -> None:
    """Here no file may grow over three bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3, hard))
    try:
        with pytest.raises(FileFault, match=r"5 bytes cannot be kept in .*: File too large"):
            Snapshot(folder).read("a.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((folder.parent / "cache" / "data").iterdir())
