"""The table of runtimes, and the names of targets: `runtime[-version][+mode]`, for a browser `+profile`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headers_server.suggestions import meant
from runners.browser.runtime import BROWSERS
from runners.chicory.runtime import CHICORY
from runners.javascript.bun import BUN
from runners.javascript.deno import DENO
from runners.javascript.runtime import NODE
from runners.miniracer.runtime import MINIRACER
from runners.own import OWN
from runners.runtime import Runtime, Target
from runners.session import Session
from runners.viceroy.runtime import VICEROY
from runners.wamr.runtime import WAMR
from runners.wasmedge.runtime import WASMEDGE
from runners.wasmer.runtime import WASMER
from runners.wasmi.runtime import WASMI
from runners.wasmtime.runtime import WASMTIME
from runners.wazero.runtime import WAZERO
from runners.workerd.runtime import WORKERD

__all__ = ["RUNTIMES", "UnknownTarget", "known_targets", "parse_target", "runtime_of", "session_of"]

_ALL: tuple[Runtime, ...] = (
    WASMTIME,
    WASMER,
    WAZERO,
    WASMI,
    WAMR,
    WASMEDGE,
    NODE,
    DENO,
    BUN,
    WORKERD,
    VICEROY,
    CHICORY,
    MINIRACER,
    *BROWSERS,
)
RUNTIMES: dict[str, Runtime] = {runtime.name: runtime for runtime in _ALL}


_VERSION = re.compile(r"\d+(\.\d+)*")


class UnknownTarget(ValueError):
    """No such target; the message ends with what was perhaps meant."""


def known_targets(profiles: Sequence[str]) -> list[str]:
    """The names of all targets that there are, browsers under each of `profiles`."""
    names = []
    for runtime in RUNTIMES.values():
        bases = [f"{runtime.name}-{version}" for version in runtime.versions] or [runtime.name]
        suffixes = list(runtime.modes) + (list(profiles) if runtime.is_browser else [])
        names += [f"{base}+{suffix}" if suffix else base for base in bases for suffix in suffixes or [""]]
    return names


def parse_target(name: str, profiles: Sequence[str]) -> Target:
    """The target of that name. Raises UnknownTarget."""
    base, _, suffix = name.partition("+")
    family, _, version = base.partition("-")
    if name not in (known := known_targets(profiles)) and not _is_open(family, version, suffix):
        hint = meant(name, known, cutoff=0.4) or f"; `wasm-matrix list` shows all; of {', '.join(RUNTIMES)}"
        raise UnknownTarget(f"unknown target {name!r}{hint}")
    if RUNTIMES[family].is_browser:
        return Target(name, family, version or None, profile=suffix)
    return Target(name, family, version or None, mode=suffix or None)


def _is_open(family: str, version: str, mode: str) -> bool:
    """Whether it is a runtime of which any version may be asked, and one of its modes."""
    runtime = RUNTIMES.get(family)
    if runtime is None or not runtime.open_versions or not _VERSION.fullmatch(version):
        return False
    return mode in (runtime.modes or [""])


def runtime_of(target: Target) -> Runtime:
    return OWN if target.own else RUNTIMES[target.runtime]


def session_of(target: Target, memory_limit: int) -> Session:
    """A session (not yet started) with the runner of a target that is ready."""
    runtime = runtime_of(target)
    return Session(
        runtime.command(target), memory_limit=memory_limit, death_signal=runtime.death_signal,
        folder=target.own.folder if target.own else None,
    )  # fmt: skip
