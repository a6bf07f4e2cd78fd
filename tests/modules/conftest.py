"""A table of builds of one's own, with toolchains that are shell commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

TABLE = r"""
toolchains:
  shell:
    needs: sh
    version: echo shell 1.0
    install: it is everywhere
  elsewhere:
    needs: no-such-compiler
    version: no-such-compiler --version
    install: ask those who have it

modules:
  one:
    language: text
    variant: single
    abi: core
    label: text
    jobs: [numeric]
    toolchain: shell
    source: sources
    commands: cat header body > {out}
  two:
    language: rust
    variant: single
    abi: core
    label: rust
    jobs: [sha256, sort]
    toolchain: [shell, elsewhere]
    source: sources
    commands: cat header > {out}

absent:
  go:
    - {jobs: [barrier], cause: unsupported/toolchain, reason: no shared memory}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder like `modules/`: a table of two modules and their sources, nothing built."""
    (tmp_path / "builds.yaml").write_text(TABLE)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "header").write_bytes(b"\0asm\x01\0\0\0")
    (tmp_path / "sources" / "body").write_bytes(b"")
    return tmp_path


@pytest.fixture
def edit(folder: Path) -> Callable[[str, str], None]:
    """Replaces a text, which must be there, in the table."""

    def replace(old: str, new: str) -> None:
        text = (folder / "builds.yaml").read_text()
        assert old in text
        (folder / "builds.yaml").write_text(text.replace(old, new, 1))

    return replace
