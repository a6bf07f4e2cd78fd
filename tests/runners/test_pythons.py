"""Other Pythons are found where their users have them, and only where they work."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners import pythons

RELEASE = f"{sys.version_info.major}.{sys.version_info.minor}"
NAME = f"python{RELEASE}"


@pytest.fixture(autouse=True)
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without any Python but those of the test."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.delenv("UV_PYTHON_INSTALL_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    pythons.find.cache_clear()
    yield
    pythons.find.cache_clear()


def put(path: Path, program: str | None = None) -> Path:
    """This very Python at `path`, or a shell script."""
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\n{program or f"""exec {sys.executable} "$@" """}\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "place",
    [
        f"bin/{NAME}",
        f"pyenv/versions/{RELEASE}.1/bin/{NAME}",
        f"share/uv/python/cpython-{RELEASE}.1-linux-x86_64-gnu/bin/{NAME}",
    ],
)
def test_it_is_found(tmp_path: Path, place: str) -> None:
    """On PATH, among pyenv's versions, among uv's."""
    path = put(tmp_path / place)
    found = pythons.find(RELEASE)
    assert found
    assert (found.path, found.release) == (path, sys.version.split()[0])


@pytest.mark.parametrize("program", ["echo 'pyenv: command not found' >&2; exit 127", f"echo PyPy {RELEASE}.1", "echo"])
def test_what_does_not_work_is_passed_over(tmp_path: Path, program: str) -> None:
    """A shim of pyenv's without its version, another implementation, no Python at all; the next place counts."""
    put(tmp_path / "bin" / NAME, program)
    assert pythons.find(RELEASE) is None
    pythons.find.cache_clear()
    path = put(tmp_path / "pyenv" / "versions" / f"{RELEASE}.1" / "bin" / NAME)
    found = pythons.find(RELEASE)
    assert found
    assert found.path == path


def test_another_release_is_not_it(tmp_path: Path) -> None:
    """Whatever the file's name says."""
    put(tmp_path / "bin" / "python3.1")
    assert pythons.find("3.1") is None
