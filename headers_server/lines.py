"""Lines of a YAML file, for errors about what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

__all__ = ["line_of"]


def line_of(data: Any, location: Sequence[Any]) -> int:
    """The line (from 1) of the deepest part of `location` (keys and indices) that is in `data`, a round-trip load."""
    line, node = 0, data
    for part in location:
        try:
            if isinstance(node, CommentedMap):
                line = node.lc.key(part)[0]
            elif isinstance(node, CommentedSeq):
                line = node.lc.item(part)[0]
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line + 1
