"""The runner of Viceroy: our script interpreter on it, and the features that it was seen to have."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from runners.interpreter import Interpreter
from runners.viceroy.adapter import Viceroy

__all__ = ["Runner"]

_ENVIRONMENT = (
    "CACHE_GENERATION", "CUSTOMER_ID", "HOSTNAME", "IS_STAGING", "POP",
    "REGION", "SERVICE_ID", "SERVICE_VERSION", "TRACE_ID",
)  # fmt: skip
"""What Viceroy sets for every program, as Compute does, behind FASTLY_ (viceroy-lib, linking.rs)."""


class Runner:
    """A runner (runners/protocol.py)."""

    def __init__(self, binary: Path, scratch: Path) -> None:
        self._engine = Viceroy(binary, scratch)
        self._interpreter = Interpreter(self._engine, scratch)

    def hello(self) -> dict[str, Any]:
        """With `findings`, since no script can call a probe module here: the runner asks them as commands."""
        engine = self._engine
        facts = {
            **engine.facts,
            "python": sys.version.split()[0],
            "environment": [f"FASTLY_{name}" for name in _ENVIRONMENT],
        }
        return {"runtime": "viceroy", "version": engine.version, "findings": engine.findings(), "facts": facts}

    def run(self, script: Any, deadline: float) -> list[dict[str, Any]]:  # noqa: ARG002 (the host holds it)
        return self._interpreter.run(script)
