"""The flags of a runtime that turn on what is off by default: tried with a second runner, remembered by version."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

from runners import features
from runners.observation import Hello
from runners.probing import EXECUTED, Finding
from runners.provision import cache_folder, locked
from runners.runtime import Runtime, Target
from runners.session import RunnerFailed, Session

__all__ = ["Switch", "Switchable", "Switched", "switched"]

_MEMORY_LIMIT = 2 << 30


@dataclass(frozen=True)
class Switch:
    """`flag` as a person would write it; `command`: the command line of the runner with it."""

    flag: str
    command: Sequence[str]


@runtime_checkable
class Switchable(Protocol):
    """What a `Runtime` may have beside its own methods: it knows flags for features."""

    def switches(self, target: Target) -> Mapping[str, Switch]:
        """By feature. Several may share a command that has all their flags: one runner is started for each command."""
        ...

    def defaults(self, target: Target) -> list[str] | None:
        """The runner as the runtime comes, where `command` turns on more than that."""
        ...


@dataclass(frozen=True)
class Switched:
    """A feature that is off by default, the flag that should turn it on, and what its probe finds with that flag."""

    flag: str
    finding: Finding


def switched(runtime: Runtime, target: Target, hello: Hello) -> dict[str, Switched]:
    """By feature, all that are off by default and have a flag; `hello` is what the target's runner said.

    Asked once for each version, set of flags, of features and of probes, and kept in the cache.
    """
    if not isinstance(runtime, Switchable):
        return {}
    switches, defaults = runtime.switches(target), runtime.defaults(target)
    said: list[Any] = [hello.version, {name: text for name, text in hello.facts.items() if isinstance(text, str)}]
    said += [sorted(hello.features)] if defaults is None else []
    asked = [features.digest(), said, {name: asdict(s) for name, s in switches.items()}, defaults]
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
    kept = cache_folder("features") / f"{target.runtime}-{key}.json"
    with locked(f"features-{target.runtime}"):
        if not kept.exists():
            found = _ask(runtime, hello, switches, defaults)
            temporary = kept.with_suffix(f".{os.getpid()}")
            temporary.write_text(json.dumps({name: asdict(one) for name, one in found.items()}), "utf-8")
            temporary.replace(kept)
    data: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return {name: Switched(one["flag"], Finding(**one["finding"])) for name, one in data.items()}


def _ask(
    runtime: Runtime, hello: Hello, switches: Mapping[str, Switch], defaults: Sequence[str] | None
) -> dict[str, Switched]:
    found = hello.findings if defaults is None else _findings(runtime, defaults)
    off = {name: switch for name, switch in switches.items() if found.get(name) != EXECUTED}
    answers = {
        command: _findings(runtime, command) for command in dict.fromkeys(tuple(s.command) for s in off.values())
    }
    return {name: Switched(switch.flag, answers[tuple(switch.command)][name]) for name, switch in off.items()}


def _findings(runtime: Runtime, command: Sequence[str]) -> Mapping[str, Finding]:
    with Session(command, memory_limit=_MEMORY_LIMIT, death_signal=runtime.death_signal) as session:
        try:
            return session.hello().findings
        except RunnerFailed as error:  # it does not know the flag, or does not start with it
            return dict.fromkeys(features.FEATURES, Finding("refused", f"the runner {error}"[:300]))
