"""Files that the host names by content, and inline data; what a session keeps of them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from runners.engine import Code, EngineError

__all__ = ["Blobs", "Bounded", "data_of", "file_of", "read"]

KEPT_MODULES = 64 << 20
"""Bytes of wasm whose compiled code a session keeps (compiled code is a few times larger)."""

KEPT_DATA = 64 << 20
"""Bytes of data files that a session keeps."""

T = TypeVar("T")


class Blobs:
    """What a session keeps between scripts: compiled modules and data, by the hash of their content."""

    def __init__(self, compile: Callable[[bytes], Code]) -> None:  # noqa: A002 (what the engine calls it)
        self._compile = compile
        self._modules: Bounded[Code] = Bounded(KEPT_MODULES)
        self._data: Bounded[bytes] = Bounded(KEPT_DATA)

    def code(self, command: Mapping[str, Any]) -> Code:
        """The compiled module that `command` names by content."""
        sha256, path = file_of(command)

        def make() -> tuple[Code, int]:
            wasm = read(sha256, path)
            return self._compile(wasm), len(wasm)

        return self._modules.get(sha256, make)

    def data(self, written: Any) -> bytes:
        """As `data_of`."""
        return data_of(written, self._file)

    def _file(self, sha256: str, path: str) -> bytes:
        def make() -> tuple[bytes, int]:
            content = read(sha256, path)
            return content, len(content)

        return self._data.get(sha256, make)


class Bounded(Generic[T]):
    """What was used last, by key, up to `limit` bytes in all (what is larger than that alone is not kept)."""

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._items: OrderedDict[str, tuple[T, int]] = OrderedDict()

    def get(self, key: str, make: Callable[[], tuple[T, int]]) -> T:
        """The item of `key`, made by `make` where there is none: (item, its bytes)."""
        known = self._items.get(key)
        if known is not None:
            self._items.move_to_end(key)
            return known[0]
        item, size = make()
        if size <= self._limit:
            self._items[key] = (item, size)
            self._size += size
            while self._size > self._limit:
                _, (_, freed) = self._items.popitem(last=False)
                self._size -= freed
        return item


def file_of(data: Mapping[str, Any]) -> tuple[str, str]:
    """(sha256, path) of `data`. Errors: EngineError of phase `script`."""
    sha256, path = data.get("sha256"), data.get("path")
    if not isinstance(sha256, str) or not isinstance(path, str):
        raise EngineError("script", f"sha256 and path are wanted: {sorted(data)}")
    return sha256, path


def read(sha256: str, path: str) -> bytes:
    """The content. Errors: EngineError of phase `fetch` where it cannot be read or is not what its hash says."""
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise EngineError("fetch", str(error), type(error).__name__) from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise EngineError("fetch", f"{path} has the hash {found}, not {sha256}", "hash")
    return content


def data_of(written: Any, content: Callable[[str, str], bytes] = read) -> bytes:
    """Data as a script writes it: inline, or a file by content, which `content` gives. Errors: as `file_of`, `read`."""
    if not isinstance(written, dict):
        raise EngineError("script", f"not data: {written!r}")
    return _inline(written["base64"]) if "base64" in written else content(*file_of(written))


def _inline(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise EngineError("script", f"not base64: {error}") from error
