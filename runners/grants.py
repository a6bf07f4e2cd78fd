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
    if entry.get("directory"):
        path.mkdir(exist_ok=True)
    elif "symlink" in entry:
        path.symlink_to(str(entry["symlink"]))
    else:
        path.write_bytes(data(entry.get("data")))


def _strings(value: Any, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise EngineError("script", f"{what} is a list of strings: {value!r}")
    return value


def grant_of(command: Mapping[str, Any], folder: Callable[[], Path], data: Data) -> Grant:
    """The grant that `command` describes (PROTOCOL.md, "The grant of WASI"), each preopen in a new `folder()`.

    Errors: EngineError of phase `script`, or `fetch` for its data."""
    preopens = []
    for preopen in command.get("preopens") or []:
        if not isinstance(preopen, dict) or not isinstance(preopen.get("guest"), str):
            raise EngineError("script", f"not a preopen: {preopen!r}")
        root = folder()
        try:
            for entry in preopen.get("entries") or []:
                _fill(root, entry, data)
        except OSError as error:
            raise EngineError("script", f"the folder {preopen['guest']} cannot be filled: {error}") from error
        preopens.append(Preopen(preopen["guest"], root))
    env = command.get("env") or {}
    if not isinstance(env, dict) or not all(isinstance(value, str) for value in env.values()):
        raise EngineError("script", f"env is an object of strings: {env!r}")
    stdin = command.get("stdin")
    return Grant(
        args=_strings(command.get("args") or [], "args"),
        env=env,
        stdin=b"" if stdin is None else data(stdin),
        preopens=preopens,
    )


def collect(grant: Grant, guest: str) -> bytes | None:
    """The content of the guest's file, or None where there is none; a link out of its folder is none."""
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
