"""What was perhaps meant by a word that nobody knows, for the end of an error."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["meant"]


def meant(word: str, known: Iterable[str], listed: str = "", *, cutoff: float = 0.5) -> str:
    """`; did you mean 'x'?` with the nearest of `known` (`cutoff` as difflib's).

    Where none is near: all of them, behind the word `listed` (`; known: a, b`), or nothing without that word.
    """
    names = list(known)
    if near := get_close_matches(word, names, 1, cutoff):
        return f"; did you mean {near[0]!r}?"
    return f"; {listed}: {', '.join(names)}" if listed and names else ""
