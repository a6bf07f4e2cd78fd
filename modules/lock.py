"""`dist/` and its lock: which compiled modules there are, and exactly what each was made of."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

__all__ = ["LIMIT", "LockError", "Locked", "digest", "dist_size", "read_lock", "write_module"]

LIMIT = 25_000_000
"""Bytes that all compiled modules together must stay below."""


class LockError(ValueError):
    """`lock.json` cannot be read or is wrong."""


class Locked(BaseModel):
    """The lock's entry for one module. `size` in bytes; `toolchain` and `commands` exactly as they were;
    `imports`, `exports` and `memory` as in `modules.binary.Border`; `beside`: the other files of a program, by their
    SHA-256."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    size: int
    source_sha256: str
    toolchain: dict[str, str]
    commands: tuple[str, ...]
    imports: dict[str, str]
    exports: dict[str, str]
    memory: str | None
    beside: dict[str, str] = {}


_ENTRIES = TypeAdapter(dict[str, Locked])


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return sha256(data).hexdigest()


def dist_size(dist: Path) -> int:
    """Bytes of all compiled modules together, with the files beside them."""
    return sum(file.stat().st_size for file in dist.glob("*") if file.suffix != ".json")


def read_lock(dist: Path) -> dict[str, Locked]:
    """The entries by module id; empty where nothing was ever built. Errors: `LockError`."""
    file = dist / "lock.json"
    try:
        return _ENTRIES.validate_json(file.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        raise LockError(f"{file}: {error}") from None


def write_module(
    dist: Path, name: str, wasm: bytes, entry: Locked, beside: Mapping[str, bytes] = MappingProxyType({})
) -> None:
    """Writes `name.wasm`, the files beside it and its entry.

    Others may do so for other modules at the same time, and readers never see half of it.
    """
    dist.mkdir(exist_ok=True)
    with _held(dist):
        entries: Mapping[str, Locked] = read_lock(dist) | {name: entry}
        for file, content in {f"{name}.wasm": wasm, **beside}.items():
            _replace(dist / file, content)
        text = json.dumps({key: entries[key].model_dump(exclude_defaults=True) for key in sorted(entries)}, indent=2)
        _replace(dist / "lock.json", f"{text}\n".encode())


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Holds the folder for this process alone. The lock is on the folder, not on `lock.json`: that file is replaced."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(file: Path, data: bytes) -> None:
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.write_bytes(data)
    fresh.replace(file)
