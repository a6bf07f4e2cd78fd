"""modules/lock.py: `dist/` is written whole, by several at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modules.lock import Locked, LockError, digest, dist_size, read_lock, write_module

WRITER = """
import sys
from pathlib import Path
from modules.lock import Locked, digest, write_module

dist, who = Path(sys.argv[1]), sys.argv[2]
rest = dict(source_sha256="", toolchain={}, commands=(), imports={}, exports={}, memory=None)
for i in range(30):
    wasm = f"{who}{i}".encode()
    write_module(dist, f"{who}{i}", wasm, Locked(sha256=digest(wasm), size=len(wasm), **rest))
"""


def entry(wasm: bytes) -> Locked:
    """An entry of the lock for these bytes."""
    return Locked(
        sha256=digest(wasm),
        size=len(wasm),
        source_sha256="",
        toolchain={},
        commands=(),
        imports={},
        exports={},
        memory=None,
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """A second writing replaces the first; nothing else is left in the folder."""
    dist = tmp_path / "dist"
    assert read_lock(dist) == {}
    write_module(dist, "a", b"old", entry(b"old"))
    write_module(dist, "b", b"other", entry(b"other"))
    write_module(dist, "a", b"newer", entry(b"newer"))
    assert read_lock(dist) == {"a": entry(b"newer"), "b": entry(b"other")}
    assert sorted(file.name for file in dist.iterdir()) == ["a.wasm", "b.wasm", "lock.json"]
    assert dist_size(dist) == 10


def test_several_writers_lose_nothing_and_readers_see_it_whole(tmp_path: Path) -> None:
    """Engineers of several languages update their own modules at the same time."""
    root = Path(__file__).parents[2]
    (tmp_path / "dist").mkdir()
    command = [sys.executable, "-c", WRITER, str(tmp_path / "dist")]
    writers = [subprocess.Popen([*command, who], cwd=root) for who in "abc"]
    while any(writer.poll() is None for writer in writers):
        for name, locked in read_lock(tmp_path / "dist").items():
            assert digest((tmp_path / "dist" / f"{name}.wasm").read_bytes()) == locked.sha256
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert set(read_lock(tmp_path / "dist")) == {f"{who}{i}" for who in "abc" for i in range(30)}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": {}}'])
def test_a_broken_lock_is_an_error(tmp_path: Path, text: str) -> None:
    """It must not pass for an empty one: the next update would throw all entries away."""
    (tmp_path / "lock.json").write_text(text)
    with pytest.raises(LockError, match=r"lock\.json"):
        read_lock(tmp_path)
