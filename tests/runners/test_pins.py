"""What a version means that is not pinned in the repository: found once, kept whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runners import registries
from runners.pins import Pin, too_old, written
from runners.registries import REGISTRIES, Registry, Release
from runners.runtime import InstallError, Log, Source
from tests.conftest import provided

SOURCE = Source("npm", "thing")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The releases of a package, to be changed; and a cache of its own."""
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path))
    found = ["1.2.0", "1.3.0"]
    monkeypatch.setitem(REGISTRIES, "npm", Registry("for a test", lambda _: [Release(one) for one in found]))
    assert registries.newest(SOURCE, "1") == "1.3.0"
    return found


def lock(folder: Path, package: str, release: str, log: Log) -> None:
    (folder / "lock").write_text(f"{package} {release}")
    log(release)


def test_a_second_setup_gives_the_same(listed: list[str]) -> None:
    """A newer release does not move what was written down; its own whole name is had beside it."""
    pin = Pin("any", "1", SOURCE, lock)
    assert pin.release is None
    assert pin.write(print) == "1.3.0"
    listed.append("1.4.0")
    assert Pin("any", "1", SOURCE, lock).write(print) == "1.3.0"
    assert (pin.folder / "lock").read_text() == "thing 1.3.0"
    assert Pin("any", "1.4.0", SOURCE, lock).write(print) == "1.4.0"
    assert written("any") == {"1": "1.3.0", "1.4.0": "1.4.0"}


def test_it_is_written_whole_or_not_at_all(listed: list[str]) -> None:
    """A lock that cannot be made leaves nothing."""

    def fails(folder: Path, package: str, release: str, log: Log) -> None:
        lock(folder, package, release, log)
        raise InstallError("no")

    pin = Pin("any", "1", SOURCE, fails)
    with pytest.raises(InstallError):
        pin.write(print)
    assert list(pin.folder.parent.iterdir()) == []
    assert Pin("any", "1", SOURCE, lock).write(print) == listed[-1]


def test_a_wheel_is_locked_by_hash() -> None:
    """What it depends on, too; and it is installed from that."""
    provided("wasmtime-36")
    release = written("wasmtime")["36"]
    pin = Pin("wasmtime", "36", Source("PyPI", "wasmtime"), lock)
    lines = (pin.folder / "requirements.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}", line) for line in lines)
    assert [line.partition(" ")[0] for line in lines][-1] == f"wasmtime=={release}"
    assert len(lines) == 2, "importlib_resources was needed until 39"


@pytest.mark.parametrize(
    ("version", "old"), [("2", False), ("2.0", True), ("2.1", False), ("1.9.9", True), ("10", False)]
)
def test_too_old_is_by_as_much_as_is_said(version: str, old: bool) -> None:
    """`2` may be the newest of 2; `2.0` is older than 2.1."""
    assert (too_old("any", version, "2.1") is not None) == old
