"""Whether targets agree on a module, without any expected answer: what each made of it, and who made the same.

Pure but for `ask`, which runs one script on one target.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.case import Script
from conformance.result import show_ending, show_value
from conformance.verdict import describe, judge
from conformance.wire import resolve
from modules.table import Module
from runners.engine import THREAD_SPAWN
from runners.observation import Observation
from runners.provision import cache_folder
from runners.runtime import Target
from runners.session import RunnerFailed, Session
from runners.targets import session_of

__all__ = ["Answer", "Group", "Seen", "ask", "entries_of", "grouped", "ran", "unprovided"]

WASI = "wasi_snapshot_preview1"
_ENDS = {
    "crash": "the runner died",
    "deadline": "no answer within the deadline",
    "memory": "ended at the memory limit",
}
_MEMORY = re.compile(r"memory \d+\.\.\d*( shared)?")
"""That the protocol's `memory` can make: with addresses of 32 bits and pages of 64 KiB."""
_REFUSED = ("unsupported", "blocked", "missing")
_EARLY = ("compile", "link", "fetch")


@dataclass(frozen=True)
class Answer:
    """What came of one command: the runner's result, or the way the script ended in it (`{"end": …}`)."""

    what: str
    result: Mapping[str, Any]

    @property
    def say(self) -> str:
        """For a person."""
        result = self.result
        if "end" in result:
            return str(result["say"])
        if "values" in result:
            return ", ".join(map(show_value, result["values"])) or "no value"
        if "stdout" in result:
            said = (
                [show_ending({"trap": result["trap"]}) or ""]
                if "trap" in result
                else [f"exit code {result.get('exit')}"]
            )
            said += [f"{name} {_excerpt(result[name])}" for name in ("stdout", "stderr") if result.get(name)]
            said += [f"{path} {_excerpt(data)}" for path, data in result.get("files", {}).items()]
            return "; ".join(said)
        if "workers" in result:
            return "; ".join(Answer("", worker).say for worker in result["workers"])
        if "bytes" in result:
            return _excerpt(result["bytes"])
        if "pages" in result:
            return f"{result['pages']} pages"
        if "trap" in result and (kinds := result["trap"].get("kinds")):
            return f"a trap: {' or '.join(kinds)}"
        return show_ending(result) or "done"


@dataclass(frozen=True)
class Seen:
    """A target's answers, in `seconds` of its runner; or `refusal`, a cause and a reason, if it could not be asked."""

    target: str
    answers: tuple[Answer, ...] = ()
    seconds: float = 0.0
    refusal: tuple[str, str] | None = None


@dataclass(frozen=True)
class Group:
    """Targets with equal answers; the first one's stand for all."""

    members: tuple[Seen, ...]

    @property
    def answers(self) -> tuple[Answer, ...]:
        return self.members[0].answers


def ask(
    target: Target, script: Script, module: Module, modules: Mapping[str, Module], deadline: float, memory_limit: int
) -> Seen:
    """Runs the script, which speaks of `modules` by their ids, on a target that is ready; `memory_limit` in bytes."""
    wire = resolve(script, module, modules, cache_folder("data"))
    session: Session = session_of(target, memory_limit)
    try:
        hello = session.hello()
        observation = session.run(wire, deadline)
    except RunnerFailed as error:
        return Seen(target.name, refusal=("missing/start", f"its runner {error}"))
    finally:
        session.close()
    asked = [{key: value for key, value in command.items() if key != "expect"} for command in script]
    verdict = judge(asked, observation, hello, (), target.profile)
    lacking = [name for name in module.features if name not in hello.features]
    refused: Mapping[str, Any] = next((result["error"] for result in observation.results if "error" in result), {})
    if lacking and refused.get("phase") == "compile":
        reason = f"has not {', '.join(lacking)}: {refused.get('message', '')}"
        return Seen(target.name, seconds=observation.seconds, refusal=(f"unsupported/feature:{lacking[0]}", reason))
    if verdict.status in _REFUSED:
        reason = str(verdict.detail.get("message") or verdict.detail.get("reason") or verdict.cause)
        return Seen(target.name, seconds=observation.seconds, refusal=(verdict.cause or verdict.status, reason))
    return Seen(target.name, _answers(asked, observation), observation.seconds)


def _answers(script: Script, observation: Observation) -> tuple[Answer, ...]:
    answers = [Answer(describe(command), result) for command, result in zip(script, observation.results, strict=False)]
    if observation.end != "done":
        # The whole script came to nothing; nobody knows which of its commands was at work.
        how = _ENDS[observation.end]
        if observation.end == "crash":
            how += f" with {'signal' if (observation.code or 0) < 0 else 'exit code'} {abs(observation.code or 0)}"
        answers.append(Answer("the script", {"end": observation.end, "code": observation.code, "say": how}))
    return tuple(answers)


def grouped(seen: Sequence[Seen]) -> list[Group]:
    """Who made the same of it, the largest group first; those that could not be asked are in none.

    An engine that does not tell its traps apart is with whom it may be; hence the definite ones are put first.
    """
    asked = sorted((one for one in seen if one.refusal is None), key=_vagueness)
    groups: list[list[Seen]] = []
    for one in asked:
        home = next((group for group in groups if all(_agree(one, other) for other in group)), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    order = {one.target: place for place, one in enumerate(seen)}
    for group in groups:
        group.sort(key=lambda one: order[one.target])
    groups.sort(key=lambda group: (-len(group), order[group[0].target]))
    return [Group(tuple(group)) for group in groups]


def ran(seen: Sequence[Seen]) -> bool:
    """Whether any target got as far as an instance of the module."""
    return any(
        one.refusal is None
        and any("error" not in a.result or a.result["error"].get("phase") not in _EARLY for a in one.answers[-1:])
        for one in seen
    )


def unprovided(module: Module) -> dict[str, str]:
    """The imports (`module.field` → type) that nobody provides: all but WASI, its threads, memories, and what a module
    of the ABI `instances` has as `shared`."""
    provided = (f"{WASI}.", "shared.") if module.abi == "instances" else f"{WASI}."
    return {
        name: type_
        for name, type_ in module.imports.items()
        if not name.startswith(provided) and name != ".".join(THREAD_SPAWN) and not _MEMORY.fullmatch(type_)
    }


def _vagueness(one: Seen) -> tuple[int, int]:
    traps = [answer.result["trap"].get("kinds", ()) for answer in one.answers if "trap" in answer.result]
    return sum(not kinds for kinds in traps), sum(len(kinds) for kinds in traps)


def _agree(one: Seen, other: Seen) -> bool:
    return len(one.answers) == len(other.answers) and all(
        _same(mine.result, yours.result) for mine, yours in zip(one.answers, other.answers, strict=True)
    )


def _same(mine: Mapping[str, Any], yours: Mapping[str, Any]) -> bool:
    """Whether two results say the same; times, messages and what an engine does not tell are no difference."""
    keys = {
        "values",
        "trap",
        "exception",
        "exit",
        "error",
        "bytes",
        "pages",
        "workers",
        "stdout",
        "stderr",
        "files",
        "end",
    }
    if set(mine) & keys != set(yours) & keys:
        return False
    return all(_SAME.get(key, _equal)(mine[key], yours[key]) for key in set(mine) & keys)


def _equal(mine: Any, yours: Any) -> bool:
    return bool(mine == yours)


def _same_values(mine: Sequence[Mapping[str, Any]], yours: Sequence[Mapping[str, Any]]) -> bool:
    return [_bits(value) for value in mine] == [_bits(value) for value in yours]


def _bits(value: Mapping[str, Any]) -> tuple[str, Any]:
    """Type and bits; of quiet NaNs the standard leaves sign and payload open (core specification, section 4.3.3)."""
    type_, data = value["type"], value["value"]
    quiet = {"f32": 0x7FC00000, "f64": 0x7FF8000000000000}.get(type_)
    return type_, "nan" if quiet and int(data) & quiet == quiet else data


def _same_traps(mine: Mapping[str, Any], yours: Mapping[str, Any]) -> bool:
    here, there = set(mine.get("kinds", ())), set(yours.get("kinds", ()))
    return not here or not there or bool(here & there)


def _same_workers(mine: Sequence[Mapping[str, Any]], yours: Sequence[Mapping[str, Any]]) -> bool:
    return len(mine) == len(yours) and all(map(_same, mine, yours))


_SAME: Mapping[str, Any] = {
    "values": _same_values,
    "trap": _same_traps,
    "workers": _same_workers,
    "exception": lambda _mine, _yours: True,
    "error": lambda mine, yours: mine.get("phase") == yours.get("phase"),
}
"""How parts of a result are compared, where not by equality."""


def _excerpt(text: str | None, length: int = 60) -> str:
    if text is None:
        return "(no such file)"
    data = base64.b64decode(text)
    part = data[:length]
    try:
        shown = repr(part.decode())
    except UnicodeDecodeError:
        shown = part.hex(" ")
    return shown + (f" … ({len(data)} bytes)" if len(data) > length else "")


def entries_of(folder: Path) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """The entries of a preopened folder like that of the host, the files in it, and the links that were left out.

    A link may lead anywhere, and not every WASI stays within its folders.
    """
    entries: list[dict[str, Any]] = []
    files, left_out = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            left_out.append(name)
        elif path.is_dir():
            entries.append({"path": name, "directory": True})
        elif path.is_file():
            entries.append({"path": name, "data": path.read_bytes()})
            files.append(name)
    return entries, files, left_out
