"""The folders of a WASI grant."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runners.engine import EngineError
from runners.grants import collect, grant_of


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[], Path]:
    """Gives a new folder each time."""
    numbers = itertools.count()

    def make() -> Path:
        path = tmp_path / f"preopen-{next(numbers)}"
        path.mkdir()
        return path

    return make


def _data(data: Any) -> bytes:
    assert isinstance(data, str)
    return data.encode()


def test_folders_are_filled_and_collected(folder: Callable[[], Path]) -> None:
    """Entries are there in order, folders and links too; the innermost preopen of a guest's path is asked."""
    grant = grant_of(
        {
            "args": ["program"],
            "env": {"A": "1"},
            "stdin": "in",
            "preopens": [
                {"guest": "/", "entries": [{"path": "a/b/c.txt", "data": "deep"}, {"path": "data", "directory": True}]},
                {"guest": "/data", "entries": [{"path": "x", "data": "inner"}, {"path": "link", "symlink": "x"}]},
            ],
        },
        folder,
        _data,
    )
    assert (grant.args, grant.env, grant.stdin) == (["program"], {"A": "1"}, b"in")
    assert collect(grant, "/a/b/c.txt") == b"deep"
    assert collect(grant, "/data/x") == b"inner"
    assert collect(grant, "/data/link") == b"inner"
    assert collect(grant, "/data/absent") is None
    assert collect(grant, "/a/b") is None, "a folder is no file"


def test_nothing_outside_is_collected(folder: Callable[[], Path], tmp_path: Path) -> None:
    """A link or `..` out of the folder, and a path that no preopen has, give nothing."""
    (tmp_path / "secret").write_text("secret")
    entries = [{"path": "link", "symlink": str(tmp_path / "secret")}, {"path": "up", "symlink": ".."}]
    grant = grant_of({"preopens": [{"guest": "/data", "entries": entries}]}, folder, _data)
    for path in ("/data/link", "/data/up/secret", "/data/../secret", str(tmp_path / "secret"), "data/link", ""):
        assert collect(grant, path) is None


@pytest.mark.parametrize(
    "command",
    [
        {"args": "program"},
        {"args": [1]},
        {"env": []},
        {"env": {"A": 1}},
        {"preopens": [{}]},
        {"preopens": "x"},
        {"preopens": [{"guest": "/", "entries": ["x"]}]},
        {"preopens": [{"guest": "/", "entries": [{"path": "/etc/passwd", "data": ""}]}]},
        {"preopens": [{"guest": "/", "entries": [{"path": "../x", "data": ""}]}]},
        {"preopens": [{"guest": "/", "entries": [{"path": "a\0b", "data": ""}]}]},
        {"preopens": [{"guest": "/", "entries": [{"path": "a", "data": ""}, {"path": "a/b", "data": ""}]}]},
        {"preopens": [{"guest": "/", "entries": [{"path": "l", "symlink": "/var"}, {"path": "l/x", "data": ""}]}]},
        {"preopens": [{"guest": "/", "entries": {"path": "a"}}]},
        {"preopens": [{"guest": "a\0b"}]},
        {"env": {"A": "\0"}},
        {"args": ["\0"]},
    ],
)
def test_what_is_no_grant_is_malformed(command: dict[str, Any], folder: Callable[[], Path]) -> None:
    """A malformed grant is an error of phase `script`, and nothing is written outside of its folders."""
    with pytest.raises(EngineError) as raised:
        grant_of(command, folder, _data)
    assert raised.value.phase == "script"
