"""What the parts of matrix.yaml have in common: strict keys, patterns, an error with its place."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

__all__ = ["At", "Part", "Patterns", "as_tuple"]


def as_tuple(value: Any) -> Any:
    """A single text may stand for a list of one."""
    return (value,) if isinstance(value, str) else value


Patterns = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


class Part(BaseModel):
    """A mapping of the file: no keys but those that are known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class At(ValueError):
    """An error at one item of a list or mapping, or at a path from there on."""

    def __init__(self, place: int | str | tuple[int | str, ...], message: str) -> None:
        super().__init__(message)
        self.place = place if isinstance(place, tuple) else (place,)
