"""The user's own modules and cases, made into the suite's: nothing later knows the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from conformance.case import Case, Script
from conformance.config import ConfigError, MatrixConfig, OwnCase
from conformance.scene import Scene, StepFault, written
from conformance.snapshot import FileFault, Snapshot
from conformance.steps import Instantiate, Run, Step
from conformance.wast import WastFault, read_wast
from modules.binary import MAGIC, BinaryError, Border, read_border
from modules.proposals import features_of
from modules.table import Module, Table

__all__ = ["module_of", "own_cases", "own_modules", "wasm_fault"]

_COMPONENT = b"\0asm\x0d\0\1\0"


def own_modules(config: MatrixConfig, table: Table, snapshot: Snapshot) -> dict[str, Module]:
    """The modules by name; each serves the cases that name it (a case's job is its id). Raises ConfigError."""
    found = {}
    for name, row in config.modules.items():
        if name in table.modules:
            raise ConfigError(f"{config.at('modules', name)}: the suite has a module of that name; choose another")
        jobs = tuple(case.id for case in config.own_cases if name in case.module)
        try:
            path, digest = snapshot.path(row.path)
            wasm = path.read_bytes()
            if fault := wasm_fault(wasm):
                raise FileFault(f"{row.path} {fault}")
            found[name] = module_of(name, wasm, path, digest, jobs=jobs, language=row.language, features=row.features)
        except (FileFault, BinaryError) as error:
            raise ConfigError(f"{config.at('modules', name, 'path')}: {error}") from error
    return found


def module_of(
    name: str, wasm: bytes, path: Path, sha256: str, *,
    jobs: tuple[str, ...] = (), language: str = "own", features: tuple[str, ...] | None = None,
) -> Module:  # fmt: skip
    """A compiled module as the suite has them; what it is, is read from the binary. Errors: BinaryError."""
    border = read_border(wasm)
    abi = _abi(border)
    needs = features if features is not None else tuple(sorted(features_of(wasm)))
    if abi == "instances":
        needs = tuple(dict.fromkeys((*needs, "threads")))  # of the module by which it reaches the shared memory
    return Module(
        id=name, language=language, variant="single", label=name, abi=abi, jobs=jobs, features=needs,
        sha256=sha256, size=len(wasm), path=path, streaming=True, imports=border.imports, exports=border.exports,
        memory=border.memory,
    )  # fmt: skip


def wasm_fault(content: bytes) -> str | None:
    """Why these bytes are no core module, in words that follow a file's name; None where they may be one."""
    if content.startswith(MAGIC):
        return None
    if content.startswith(_COMPONENT):
        return "is a component; core modules are what can be run here"
    if content.lstrip()[:1] in (b"(", b";"):
        return "is WebAssembly text; assemble it first, with `wat2wasm` or `wasm-tools parse`"
    return "is no WebAssembly module: it does not begin with \\0asm and version 1"


def _abi(border: Border) -> str:
    if "_start" in border.exports:
        return "wasi-command"
    if any(name.startswith("shared.") and line.startswith("func ") for name, line in border.imports.items()):
        return "instances"
    if "_initialize" in border.exports:
        return "wasi-reactor"
    return "threads" if border.imports.get("env.memory", "").endswith("shared") else "core"


def own_cases(config: MatrixConfig, others: Sequence[Case], table: Table, snapshot: Snapshot) -> list[Case]:
    """The cases, each built once to see that it can be. Raises ConfigError."""
    taken = {case.id for case in others}
    found = []
    for index, own in enumerate(config.cases):
        if isinstance(own, str):
            continue
        if own.id in taken:
            raise ConfigError(f"{config.at('cases', index, 'id')}: the suite has a case {own.id!r}; choose another id")
        found.append(_case(config, index, own, table.modules, snapshot))
    return found


def _case(config: MatrixConfig, index: int, own: OwnCase, modules: Mapping[str, Module], snapshot: Snapshot) -> Case:
    features, title = list(own.features), own.title
    build: Callable[[Module | None], Script]
    if isinstance(own.script, str):
        try:
            converted = read_wast(own.script, snapshot)
        except (FileFault, WastFault) as error:
            raise ConfigError(f"{config.at('cases', index, 'script')}: {error}") from error
        if own.module:
            raise ConfigError(f"{config.at('cases', index, 'module')}: {own.script} brings its own modules along")
        features += converted.features
        title = f"{title or own.script}: {converted.say}"

        def build(_module: Module | None) -> Script:
            return converted.script
    else:
        build = partial(_written, own.script, modules, snapshot)
        for name in own.module or (None,):
            try:
                build(modules[name] if name else None)
            except StepFault as error:
                raise ConfigError(f"{config.at('cases', index, 'script', error.index)}: {error}") from error
        for step in own.script:
            if isinstance(step, Instantiate | Run) and step.module:
                features += modules[step.module].features
    return Case(
        id=own.id, job=own.id if own.module else "", build=build, title=title or own.id,
        features=tuple(dict.fromkeys(features)), deadline=own.deadline, targets=own.targets,
        repeats=own.repeats,
    )  # fmt: skip


def _written(
    steps: tuple[Step, ...], modules: Mapping[str, Module], snapshot: Snapshot, module: Module | None
) -> Script:
    return written(steps, Scene(module, modules, snapshot.read))
