"""Entries of an observation's `results` (PROTOCOL.md): values, and the ways to end that are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from runners.engine import EngineError, Exit, Trap, UncaughtException, Value
from runners.values import encode

__all__ = ["Result", "encoded", "failure", "reported"]

LONGEST_MESSAGE = 4000
"""Characters of an engine's message that are reported; wasmer 1's for a stack overflow has 10 million."""

Result = dict[str, Any]


def encoded(values: Sequence[Value]) -> Result:
    """`{"values"}`."""
    return {"values": [encode(value) for value in values]}


def failure(error: Exception) -> Result:
    """The entry for a way to end that is not values. What is none of the engine's is raised again."""
    if isinstance(error, Trap):
        return {"trap": {"kinds": error.kinds, "message": _message(error)}}
    if isinstance(error, UncaughtException):
        return {"exception": {"message": _message(error)}}
    if isinstance(error, Exit):
        return {"exit": error.code}
    if isinstance(error, EngineError):
        started = {} if error.started is None else {"started": error.started}
        return {"error": {"phase": error.phase, "name": error.name, "message": _message(error), **started}}
    raise error


def reported(call: Callable[[], Sequence[Value]]) -> Result:
    """What `call` gives or, of the ways to end, raises."""
    try:
        return encoded(call())
    except Exception as error:
        return failure(error)


def _message(error: BaseException) -> str:
    text = str(error)
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + " …"
