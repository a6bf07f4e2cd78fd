"""Which features a runtime has: it is asked, with a script like any other, for the answer of each probe module."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runners import features

if TYPE_CHECKING:
    from runners.session import Observation

__all__ = ["executed", "script"]

ANSWER = {"type": "i32", "value": "42"}
DEADLINE = 10.0
"""Seconds for one probe."""


def executed(observe: Callable[[Sequence[Mapping[str, Any]], float], Observation], folder: Path) -> frozenset[str]:
    """The features whose probe gave the right answer. `observe` runs a script within a deadline (s).

    The modules are written into `folder`, where they may stay. A runner that dies of a probe has not the feature.
    """
    found = set()
    for name, wasm in features.load().items():
        results = observe(script(wasm, folder), DEADLINE).results
        if results and results[-1].get("values") == [ANSWER]:
            found.add(name)
    return frozenset(found)


def script(wasm: bytes, folder: Path) -> list[dict[str, Any]]:
    """The script that asks one probe module."""
    sha256 = hashlib.sha256(wasm).hexdigest()
    path = folder / f"{sha256}.wasm"
    if not path.exists():
        path.write_bytes(wasm)
    return [
        {"type": "module", "sha256": sha256, "path": str(path)},
        {"type": "action", "action": {"type": "invoke", "field": "probe", "args": []}, "results": ["i32"]},
    ]
