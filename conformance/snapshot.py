"""The files that a matrix.yaml names, as they were when a run began: a rebuild cannot mix in."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from runners.provision import cache_folder

__all__ = ["FileFault", "Snapshot", "keep"]


class FileFault(ValueError):
    """A file cannot be used; the message says which and why."""


class Snapshot:
    """Files below `folder`, each read once; `taken` (relative path → sha256) are those that were read before.

    Nothing outside of the folder is read, not by an absolute path, `..` or a symbolic link: a matrix.yaml works
    wherever its folder is, and a report of it holds nothing from elsewhere.
    """

    def __init__(self, folder: Path, taken: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._taken = dict(taken or {})

    @property
    def taken(self) -> Mapping[str, str]:
        return self._taken

    def read(self, name: str) -> bytes:
        """The content of a file. Errors: FileFault."""
        return self.path(name)[0].read_bytes()

    def path(self, name: str) -> tuple[Path, str]:
        """Where the content of a file is kept, and its sha256. Errors: FileFault."""
        blobs = cache_folder("data")
        if name in self._taken:
            kept = blobs / self._taken[name]
            if kept.is_file():
                return kept, self._taken[name]
        kept, digest = keep(self._content(name), blobs)
        self._taken[name] = digest
        return kept, digest

    def _content(self, name: str) -> bytes:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts:
            raise FileFault(f"{name}: a path is relative to matrix.yaml and stays in its folder")
        path = self.folder / pure
        try:
            if not path.resolve(strict=True).is_relative_to(self.folder.resolve()):
                raise FileFault(f"{name}: a symbolic link leads out of the folder of matrix.yaml")
            return path.read_bytes()
        except FileNotFoundError:
            raise FileFault(f"{name}: no such file in {self.folder}") from None
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            if isinstance(error, FileFault):
                raise
            raise FileFault(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def keep(content: bytes, blobs: Path) -> tuple[Path, str]:
    """Writes `content` to a file named by its sha256, whole or not at all; gives the file and the hash.

    Errors: FileFault.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = blobs / digest
    if not path.exists():
        temporary = path.with_name(f"{digest}.{os.getpid()}")
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise FileFault(f"{len(content)} bytes cannot be kept in {blobs}: {error.strerror}") from error
    return path, digest
