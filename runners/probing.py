"""Which features a runtime has: it is asked, with scripts like any other, for the answer of each probe module."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from runners import features

if TYPE_CHECKING:
    from runners.observation import Observation

__all__ = ["EXECUTED", "Finding", "State", "ask", "script"]

ANSWER = {"type": "i32", "value": "42"}
DEADLINE = 10.0
"""Seconds for one probe."""
_MOST_CRASHES = 5  # of a runner that survives nothing; each costs a start, or the deadline
_LONGEST = 300  # characters of a message


State = Literal["executed", "instantiated", "validated", "refused", "crashed"]


@dataclass(frozen=True)
class Finding:
    """How far a probe came: `executed` is the known answer.

    Otherwise `message` says why not: `instantiated` (a trap or a wrong answer), `validated` (it compiles, and has no
    instance), `refused`, `crashed` (the runner died of it, or never came back).
    """

    state: State
    message: str = ""


EXECUTED = Finding("executed")


def ask(observe: Callable[[Sequence[Mapping[str, Any]], float], Observation], folder: Path) -> dict[str, Finding]:
    """How far each probe comes. `observe` runs a script within a deadline (s), whatever became of the one before.

    The modules are written into `folder`, where they may stay.
    """
    probes = dict(features.load())
    provider = probes.pop(features.PROVIDER)
    found = {}
    crashes = 0
    for name, wasm in probes.items():
        if crashes == _MOST_CRASHES:
            found[name] = Finding("crashed", f"not asked: {crashes} probes before it never came back")
            continue
        commands = script(wasm, folder, provider)
        found[name] = _finding(commands, observe(commands, DEADLINE))
        crashes += found[name].state == "crashed"
    return found


def script(wasm: bytes, folder: Path, provider: bytes) -> list[dict[str, Any]]:
    """The script that asks one probe module."""
    commands: list[dict[str, Any]] = [
        {"type": "module", **_file(wasm, folder)},
        {"type": "action", "action": {"type": "invoke", "field": "probe", "args": []}, "results": ["i32"]},
    ]
    if features.PROVIDER.encode() in wasm:
        commands = [
            {"type": "module", **_file(provider, folder)},
            {"type": "register", "as": features.PROVIDER},
            *commands,
        ]
    return commands


def _file(wasm: bytes, folder: Path) -> dict[str, str]:
    sha256 = hashlib.sha256(wasm).hexdigest()
    path = folder / f"{sha256}.wasm"
    if not path.exists():
        path.write_bytes(wasm)
    return {"sha256": sha256, "path": str(path)}


def _finding(commands: Sequence[Mapping[str, Any]], observation: Observation) -> Finding:
    results = observation.results
    error = results[-1].get("error", {}) if results else {}
    if observation.end != "done" or error.get("phase") == "deadline":
        return Finding("crashed", _cut(error.get("message") or observation.ending))
    last = results[-1] if results else {}
    if last.get("values") == [ANSWER] and len(results) == len(commands):
        return EXECUTED
    asked = commands[len(results) - 1] if results else {}
    message = _cut(_words(last))
    if asked.get("type") == "action":
        return Finding("instantiated", message)
    return Finding("refused" if error.get("phase") == "compile" else "validated", message)


def _words(result: Mapping[str, Any]) -> str:
    """Why a result is not the answer."""
    if "error" in result:
        return str(result["error"].get("message", ""))
    for kind in ("trap", "exception"):
        if kind in result:
            return f"{kind}: {result[kind].get('message', '')}"
    if "values" in result:
        return f"gives {[value.get('value') for value in result['values']]}, not 42"
    return "no answer"


def _cut(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + " …"
