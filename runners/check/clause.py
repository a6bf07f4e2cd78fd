"""A clause of the protocol, and what asking it can tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runners.check.bench import Bench

__all__ = ["Clause", "Clauses", "NotApplicable", "Violation", "same"]


class Violation(AssertionError):
    """The runner breaks the clause: what was expected, and what was seen."""


class NotApplicable(Exception):
    """The runner has not what the clause is about: threads, WASI …"""


@dataclass(frozen=True)
class Clause:
    """`says` is what must hold, in a sentence; without the features of `needs` (features.json) it is not asked."""

    id: str
    says: str
    needs: tuple[str, ...]
    check: Callable[[Bench], None]

    def ask(self, bench: Bench) -> None:
        """Raises Violation or NotApplicable, or the runner keeps the clause."""
        for feature in self.needs:
            if feature not in bench.hello.features:
                raise NotApplicable(f"the runtime has no {feature}")
        self.check(bench)


class Clauses(list[Clause]):
    """The clauses of one part of the protocol. As a decorator it adds a function, whose docstring is what it says."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part

    def __call__(self, *needs: str) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
        def add(check: Callable[[Bench], None]) -> Callable[[Bench], None]:
            name = check.__name__.strip("_").replace("_", "-")
            says = (check.__doc__ or "").strip().splitlines()[0].rstrip(".")
            self.append(Clause(f"{self._part}/{name}", says, needs, check))
            return check

        return add


def same(seen: Any, expected: Any, what: str) -> None:
    """Raises Violation unless the two are equal."""
    if seen != expected:
        raise Violation(f"{what}: expected {_short(expected)}, seen {_short(seen)}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 400 else text[:400] + " …"
