"""What WASI is given: the folders of a grant, made fresh, filled, and asked for their files afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from runners.engine import EngineError, Grant, Preopen

__all__ = ["collect", "grant_of"]

Data = Callable[[Any], bytes]
"""Gives the bytes of data as a script writes it (`{"base64"}` or `{"sha256", "path"}`)."""


def _inside(root: Path, relative: Any) -> Path:
    # This is the host's data, yet it must not write outside of the folder by mistake.
    if not isinstance(relative, str) or not relative:
        raise EngineError("script", f"not a path: {relative!r}")
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts:
        raise EngineError("script", f"not a path within its folder: {relative!r}")
    return root / pure


def _fill(root: Path, entry: Any, data: Data) -> None:
    if not isinstance(entry, dict):
        raise EngineError("script", f"not an entry of a folder: {entry!r}")
    path = _inside(root, entry.get("path"))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or not path.parent.resolve().is_relative_to(root.resolve()):
        raise EngineError("script", f"a path through a link: {entry['path']!r}")
    if entry.get("directory"):
        path.mkdir(exist_ok=True)
    elif "symlink" in entry:
        path.symlink_to(str(entry["symlink"]))
    else:
        path.write_bytes(data(entry.get("data")))


def _is_text(value: Any) -> bool:
    # For C's strings: the engine would cut them at a NUL, and cannot take half of a surrogate pair.
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _list(command: Mapping[str, Any], key: str) -> list[Any]:
    value = command.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise EngineError("script", f"{key} is a list: {value!r}")
    return value


def _strings(command: Mapping[str, Any], key: str) -> list[str]:
    value = _list(command, key)
    if not all(_is_text(item) for item in value):
        raise EngineError("script", f"{key} is a list of strings: {value!r}")
    return value


def _environment(command: Mapping[str, Any]) -> dict[str, str]:
    value = command.get("env")
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(_is_text(text) for text in (*value, *value.values())):
        raise EngineError("script", f"env is an object of strings: {value!r}")
    return value


def grant_of(command: Mapping[str, Any], folder: Callable[[], Path], data: Data) -> Grant:
    """The grant that `command` describes (PROTOCOL.md, "The grant of WASI"), each preopen in a new `folder()`.

    Errors: EngineError of phase `script`, or `fetch` for its data."""
    preopens = []
    for preopen in _list(command, "preopens"):
        if not isinstance(preopen, dict) or not _is_text(preopen.get("guest")):
            raise EngineError("script", f"not a preopen: {preopen!r}")
        root = folder()
        try:
            for entry in _list(preopen, "entries"):
                _fill(root, entry, data)
        except (OSError, ValueError) as error:  # ValueError: a NUL
            raise EngineError("script", f"the folder {preopen['guest']} cannot be filled: {error}") from error
        preopens.append(Preopen(preopen["guest"], root))
    stdin = command.get("stdin")
    return Grant(
        args=_strings(command, "args"),
        env=_environment(command),
        stdin=b"" if stdin is None else data(stdin),
        preopens=preopens,
    )


def collect(grant: Grant, guest: str) -> bytes | None:
    """The content of the guest's file, or None where there is none; a link out of its folder is none."""
    if not _is_text(guest):
        return None
    path = PurePosixPath(guest)
    for preopen in sorted(grant.preopens, key=lambda item: -len(item.guest)):
        try:
            relative = path.relative_to(preopen.guest)
        except ValueError:
            continue
        found, root = (preopen.path / relative).resolve(), preopen.path.resolve()
        if found.is_file() and root in found.parents:
            return found.read_bytes()
        return None
    return None
