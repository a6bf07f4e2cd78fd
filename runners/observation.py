"""What a runner said: of itself, and of a script. Never a judgement."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from runners import probing

__all__ = ["End", "Hello", "Observation", "how"]

End = Literal["done", "crash", "deadline", "memory", "protocol"]


@dataclass(frozen=True)
class Hello:
    """What a runner said of itself (PROTOCOL.md, `hello`), and what probes found out.

    `features` are the names of those that were executed with the right answer; `findings` tell of all that were asked.
    """

    runtime: str
    version: str
    features: frozenset[str]
    facts: Mapping[str, Any]
    findings: Mapping[str, probing.Finding] = field(default_factory=dict)


@dataclass(frozen=True)
class Observation:
    """What a runner saw of one script. Never a judgement.

    `results` has one entry for each command that was carried out. `end` tells how the script ended: `done` (the runner
    answered), `crash` (it died: `code` is its exit code, or minus the signal's number), `deadline`, `memory` or
    `protocol` (the host ended it: too late, too large, or by a `breach` of PROTOCOL.md, which is told in a line).
    `seconds` is the runner's own time (the host's where it did not answer).
    """

    end: End
    results: Sequence[Mapping[str, Any]] = ()
    seconds: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)
    code: int | None = None
    stderr: str = ""
    noise: str = ""
    breach: str = ""

    @property
    def ending(self) -> str:
        """How a script that did not end well ended, in a line."""
        if self.end == "protocol":
            return self.breach
        if self.end == "deadline":
            return f"no answer within {self.seconds:.0f} s"
        if self.end == "memory":
            return "ended by the host at its memory limit"
        words = " ".join(self.stderr.strip().splitlines()[:2])  # a panic takes two lines, and its stack comes after
        return how(self.code or 0) + (f": {words}" if words else "")


def how(code: int) -> str:
    """An exit code, or minus the number of a signal, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
