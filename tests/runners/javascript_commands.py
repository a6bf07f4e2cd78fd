"""Commands for the JavaScript interpreter's tests, and the nodes, denos and buns that are asked.

`javascript/` has the modules of these tests as text, and as `modules/text/wat2wasm.py` assembled them.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runners.session import Session
from runners.targets import runtime_of
from tests.conftest import ready

__all__ = [
    "DIST", "HERE", "NODES", "TARGETS", "Json", "call", "command_line", "get", "join", "memory", "module", "only",
    "ref", "run", "spawn", "v128", "value",
]  # fmt: skip

HERE = Path(__file__).parent / "javascript"
DIST = Path(__file__).parents[2] / "modules" / "dist"
NODES = ["node-20", "node-24", "node-26"]
TARGETS = [*NODES, "deno-2.9", "bun-1.4"]

Json = dict[str, Any]


def command_line(name: str) -> list[str]:
    """The runner's command line; ends the test where that runtime is not here."""
    target = ready(name)
    return runtime_of(target).command(target)


@functools.cache
def ref(path: Path) -> Json:
    return {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "path": str(path)}


def module(wasm: str, **more: Any) -> Json:
    """Loads `javascript/WASM.wasm`, or the compiled set's."""
    own = HERE / f"{wasm}.wasm"
    return {"type": "module", **ref(own if own.exists() else DIST / f"{wasm}.wasm"), **more}


def value(type_: str, bits: int) -> Json:
    return {"type": type_, "value": str(bits)}


def v128(low: int, high: int) -> Json:
    return {"type": "v128", "lane_type": "i64", "value": [str(low), str(high)]}


def call(field: str, *args: Json, results: Sequence[str] = (), **more: Any) -> Json:
    action = {"type": "invoke", "field": field, "args": list(args)}
    return {"type": "action", "action": action, "results": list(results), **more}


def get(field: str, type_: str) -> Json:
    return {"type": "action", "action": {"type": "get", "field": field}, "results": [type_]}


def memory(*, minimum: int = 1, maximum: int = 16, shared: bool = True) -> Json:
    return {"type": "memory", "as": ["env", "memory"], "minimum": minimum, "maximum": maximum, "shared": shared}


def spawn(workers: int, field: str, arg: Any = 0) -> Json:
    stack, tls = {"address": 1024, "size": 256}, {"address": 512, "size": 16}
    return {"type": "spawn", "workers": workers, "field": field, "arg": arg, "stack": stack, "tls": tls}


def run(session: Session, *script: Json, deadline: float = 20.0) -> Sequence[Any]:
    """The results of a script that the runner answers."""
    observation = session.run(script, deadline)
    assert observation.end == "done", observation
    return observation.results


def only(result: Any) -> Json:
    """The one value of a call's result."""
    assert "values" in result, result
    (one,) = result["values"]
    return dict(one)


def join(session: Session, *spawned: Json) -> Json:
    """What the workers of this spawn returned."""
    *_, joined = run(session, memory(), module("threads"), *spawned, {"type": "join"})
    assert "workers" in joined, joined
    return dict(joined)
