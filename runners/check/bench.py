"""A runner on the test bench: its session, and the modules that clauses ask of it."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from runners.check.clause import NotApplicable, Violation
from runners.observation import Hello, Observation
from runners.session import Session

__all__ = ["Bench"]

MODULES = Path(__file__).parent / "modules.json"

DEADLINE = 60.0


class Bench:
    """`command` is the runner's command line. `repeats` is how many scripts `lifetime/ten-thousand-scripts` runs."""

    def __init__(self, command: Sequence[str], *, repeats: int = 10_000) -> None:
        self.command, self.repeats = list(command), repeats
        self.folder = Path(tempfile.mkdtemp(prefix="runner-check-"))
        self._wasm = {name: base64.b64decode(text) for name, text in json.loads(MODULES.read_text("utf-8")).items()}
        self.session = Session(self.command)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def hello(self) -> Hello:
        return self.session.hello()

    def file(self, content: bytes, name: str | None = None) -> dict[str, str]:
        """`{"sha256", "path"}` of a file with that content; `name` is its path within the bench's folder."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.folder / (name or f"{sha256}.bin")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return {"sha256": sha256, "path": str(path)}

    def wasm(self, name: str) -> bytes:
        """The compiled module of that name in `texts.py`."""
        return self._wasm[name]

    def module(self, module: str, kind: str = "module", **more: Any) -> dict[str, Any]:
        """The command that loads the module of that name in `texts.py`."""
        return {"type": kind, **self.file(self.wasm(module), f"{module}.wasm"), **more}

    def observe(self, script: Any, deadline: float = DEADLINE) -> Observation:
        """What the runner observes of `script`. Violation where it does not answer, or more is on its stdout.

        NotApplicable where it says that its runtime takes no such module, or none at all.
        """
        seen = self.session.run(script, deadline)
        if seen.end != "done":
            words = f"; stderr: {seen.stderr[-800:]}" if seen.stderr else ""
            raise Violation(f"{seen.end}: {seen.ending}{words}")
        if seen.noise:
            raise Violation(f"on standard output, which is the protocol's: {seen.noise[:200]!r}")
        for result in seen.results:
            error = result.get("error") or {}
            if error.get("name") == "unsupported" and error.get("phase") in ("compile", "link", "instantiate"):
                raise NotApplicable(f"the runtime takes no such module: {error.get('message')}")
        return seen

    def run(self, *script: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The results of a script that must reach its end: Violation where they are fewer than its commands."""
        results = [dict(result) for result in self.observe(script).results]
        if len(results) != len(script):
            raise Violation(f"{len(results)} results for {len(script)} commands; the last: {results[-1:]}")
        return results
