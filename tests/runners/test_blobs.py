"""Files and inline data by content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from runners import blobs
from runners.engine import EngineError


def test_what_is_used_stays() -> None:
    """Past its limit the store drops what was used longest ago."""
    made: list[str] = []
    kept: blobs.Bounded[str] = blobs.Bounded(10)

    def get(key: str, size: int = 4) -> str:
        def make() -> tuple[str, int]:
            made.append(key)
            return key.upper(), size

        return kept.get(key, make)

    assert [get("a"), get("b"), get("a"), get("c")] == ["A", "B", "A", "C"]
    assert made == ["a", "b", "c"]
    get("a")
    assert made == ["a", "b", "c"], "it was used after b"
    get("b")
    assert made == ["a", "b", "c", "b"], "it was dropped for c"


def test_what_is_too_large_is_not_kept() -> None:
    """An item larger than the limit does not drive out the others."""
    kept: blobs.Bounded[int] = blobs.Bounded(10)
    kept.get("small", lambda: (1, 5))
    assert kept.get("large", lambda: (2, 11)) == 2
    assert kept.get("large", lambda: (3, 11)) == 3
    assert kept.get("small", lambda: (4, 5)) == 1


def test_a_failure_keeps_nothing() -> None:
    """What could not be made is asked for again."""
    kept: blobs.Bounded[int] = blobs.Bounded(10)

    def fail() -> tuple[int, int]:
        raise EngineError("fetch", "not there yet")

    with pytest.raises(EngineError):
        kept.get("x", fail)
    assert kept.get("x", lambda: (1, 1)) == 1


def test_the_hash_is_compared(tmp_path: Path) -> None:
    """A file is given only where it is what its hash says."""
    path = tmp_path / "größe 🦀.bin"
    path.write_bytes(b"content")
    assert blobs.read(hashlib.sha256(b"content").hexdigest(), str(path)) == b"content"
    for sha256, name in ((hashlib.sha256(b"other").hexdigest(), str(path)), ("", str(tmp_path)), ("", "\0")):
        with pytest.raises(EngineError) as raised:
            blobs.read(sha256, name)
        assert raised.value.phase == "fetch"


@pytest.mark.parametrize("text", ["%%%", "QQ", 7, None, "QUJD\n!", ["QQ=="]])
def test_malformed_base64(text: object) -> None:
    """What is no base64 is an error of phase `script`."""
    with pytest.raises(EngineError) as raised:
        blobs.data_of({"base64": text})
    assert raised.value.phase == "script"
