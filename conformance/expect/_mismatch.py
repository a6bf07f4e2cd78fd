"""What was expected and what was seen, in words."""

from __future__ import annotations

from typing import Literal, NamedTuple

from conformance.result import Result, shortened, show_ending

__all__ = ["Mismatch", "answered"]


class Mismatch(NamedTuple):
    """What was expected and what was seen, in words.

    `kind`: `value` (it answered, wrongly), `ending` (it ended in a way that it should not have, or went on where it
    should have ended), `escaped` (a program had what it must be refused), `allowed` (it went on where it must
    be refused, and had nothing of it).
    """

    expected: str
    seen: str
    kind: Literal["value", "ending", "escaped", "allowed"] = "value"


def answered(result: Result, key: str, expected: str) -> Mismatch | None:
    """A mismatch where the result has no `key`."""
    if key in result:
        return None
    return Mismatch(expected, show_ending(result) or f"no {key} in the result {shortened(str(dict(result)))}", "ending")
