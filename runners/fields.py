"""Fields of a command, read with care: what is not as PROTOCOL.md says is an error of phase `script`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runners.engine import EngineError

__all__ = ["Command", "integer", "malformed", "names", "object_of", "string"]

Command = Mapping[str, Any]


def malformed(text: str) -> EngineError:
    """The error of a command, or a part of one, that makes no sense."""
    return EngineError("script", text)


def integer(command: Command, key: str, least: int = 0, most: int = 1 << 64) -> int:
    value = command.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise malformed(f"{key} is a number from {least} to {most}: {value!r}")
    return value


def string(command: Command, key: str) -> str:
    """One that can be a name in a module."""
    value = command.get(key)
    if not isinstance(value, str) or not _is_unicode(value):
        raise malformed(f"{key} is a string: {value!r}")
    return value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON's escapes can also write half of a surrogate pair
        return False
    return True


def names(command: Command, key: str, count: int | None = None) -> list[str]:
    """A list of strings, `count` of them; none where the key is not there."""
    value = command.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise malformed(f"{key} is a list of strings: {value!r}")
    if count is not None and len(value) != count:
        raise malformed(f"{key} has {count} strings: {value!r}")
    return value


def object_of(command: Command, key: str) -> dict[str, Any]:
    value = command.get(key)
    if not isinstance(value, dict):
        raise malformed(f"{key} is an object: {value!r}")
    return value
