"""The script interpreter in Python: it runs the scripts of PROTOCOL.md over an `Engine`, and reports what it saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runners.blobs import Blobs
from runners.engine import Engine, EngineError
from runners.fields import malformed
from runners.results import Result, failure
from runners.script import Script

__all__ = ["Interpreter"]


class Interpreter:
    """A session: it keeps compiled modules and data between scripts, and nothing else.

    `scratch` is an existing folder for the files of scripts; each script leaves it as it was. `threads` is whether two
    of them can be inside the engine at once."""

    def __init__(self, engine: Engine, scratch: Path, *, threads: bool = True) -> None:
        self._engine, self._scratch, self._threads = engine, scratch, threads
        self._blobs = Blobs(engine.compile)

    def run(self, script: Any) -> list[Result]:
        """The results of `script`, in order. Any script gives a list: what is wrong with it is its last entry."""
        if not isinstance(script, list):
            return [failure(malformed(f"a script is a list of commands, not {type(script).__name__}"))]
        running = Script(self._engine, self._blobs, self._scratch, threads=self._threads)
        results: list[Result] = []
        try:
            for command in script:
                try:
                    results.append(running.perform(command))
                except EngineError as error:
                    results.append(failure(error))
                    break
        finally:
            running.close()
        return results
