"""What is known of cells that do not pass."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field, field_validator

from conformance.causes import is_cause
from conformance.config._part import Part, Patterns

__all__ = ["Expectation"]


class Expectation(Part):
    """What is known of cells that do not pass: patterns (`*`, `?`, `[…]`) that choose them, how they end and why."""

    case: Patterns = ("*",)
    language: Patterns = ("*",)
    target: Patterns = ("*",)
    profile: Patterns = ("*",)
    status: Literal["fail", "crash", "timeout", "unsupported", "blocked"]
    cause: str | None = None
    intermittent: bool = False
    """It may pass, too, or now and then (`flaky`): what depends on timing."""
    reason: str = Field(min_length=1)
    link: str | None = None
    line: int = Field(default=0, exclude=True)

    @field_validator("cause")
    @classmethod
    def _known_cause(cls, value: str | None) -> str | None:
        if value is not None and not is_cause(value) and not value.endswith("*"):
            raise ValueError(f"no such cause: {value!r}")
        return value

    def chooses(self, case: str, language: str, target: str, profile: str | None) -> bool:
        """Whether a cell is meant. A pattern for the profile other than `*` means browsers alone."""
        pairs = ((self.case, case), (self.language, language), (self.target, target), (self.profile, profile or ""))
        return all(any(fnmatchcase(text, pattern) for pattern in patterns) for patterns, text in pairs)

    def fits(self, status: str, cause: str | None) -> bool:
        return status == self.status and (self.cause is None or fnmatchcase(cause or "", self.cause))
