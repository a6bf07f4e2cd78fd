"""The table of builds (`builds.yaml`) and what came out of it (`dist/`), as typed records.

Reading needs no sources and no toolchain: an installed wheel with `builds.yaml` and `dist/` is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from modules.lock import Locked, read_lock

__all__ = [
    "HERE", "SHARED", "Absence", "Build", "Language", "Module", "Table", "TableError", "Toolchain", "did_you_mean",
    "load",
]  # fmt: skip

HERE = Path(__file__).resolve().parent

SHARED = "wat-shared"
"""The module whose exports those of the ABI `instances` import as `shared`."""

Language = Literal["rust", "go", "assemblyscript", "emscripten", "c", "text"]
Variant = Literal["single", "simd", "threads", "wrong", "hostile", "probe"]
Abi = Literal[
    "core", "linked", "wasi-reactor", "wasi-command", "threads", "instances", "wasi-threads", "fastly",
    "emscripten", "wasm-bindgen",
]  # fmt: skip
Job = Literal[
    "sha256", "nbody", "image", "matmul", "sort", "json", "text", "numeric", "memory", "traps", "linking",
    "wasi", "counter", "barrier", "mutex", "reduce", "wait", "atomics", "waiting", "unshared", "javascript",
    "bits", "litmus", "litmus-plain", "grow", "ends", "ends-exception", "ends-exit", "wasi-threads",
    "http", "together", "bench",
    "condition", "semaphore", "rwlock", "once", "spinlock", "spsc", "mpmc", "stealing",
    "sort-bands", "mandelbrot", "matmul-bands", "shared-nothing",
    "stacks", "locals", "late",
    "pthreads", "pthread-pool", "pthread-no-pool", "pthread-proxy", "pthread-growth", "worker-pool",
]  # fmt: skip


class TableError(ValueError):
    """The table is wrong. The message has one line for each fault: file, line, key, what is wrong, a suggestion."""


def _words(value: object) -> object:
    """A single word may stand for a list of one."""
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Toolchain(_Row):
    """A compiler and how it comes onto a machine.

    `version` is a shell command whose output is recorded in the lock; `pin` is a text that this output must contain.
    `needs` are programs on PATH; `check` shell commands that fail where a part of the toolchain (a target, a library)
    is not there. `env` is added to the environment of all commands.
    """

    version: str
    install: str
    needs: Words = ()
    check: Words = ()
    pin: str = ""
    env: dict[str, str] = {}


class Build(_Row):
    """A row of the table: how one module is made and what it serves. `id` is its key.

    `source` is a folder below `modules/`; `files` are patterns that limit it to what this module is made of. `beside`
    are the names of the other files of a program with JavaScript of its own; the first is the one that is run.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    language: Language
    variant: Variant
    abi: Abi
    label: str
    jobs: tuple[Job, ...]
    toolchain: Words = Field(min_length=1)
    source: str
    commands: Words = Field(min_length=1)
    files: Words = ("**/*",)
    features: tuple[str, ...] = ()
    streaming: bool = True
    beside: Words = ()


class Absence(_Row):
    """Jobs that a language has no module for, with the cause code and the reason that the cell shows.

    With `exports` it is only these functions of the jobs, with `variant` only modules of that variant.
    """

    jobs: tuple[Job, ...] = Field(min_length=1)
    cause: str = Field(pattern=r"^[a-z]+/[a-z0-9-]+$")
    reason: str
    variant: Variant | None = None
    exports: tuple[str, ...] = ()


class _File(_Row):
    toolchains: dict[str, Toolchain]
    modules: dict[str, Build]
    absent: dict[Language, tuple[Absence, ...]]


@dataclass(frozen=True)
class Module:
    """One compiled module: its row of the table and its entry in the lock. `path` is absolute, `size` in bytes.

    `beside`: the other files of a program, name → SHA-256, in the folder of `path`; the first is the one that is run.
    """

    id: str
    language: str
    variant: str
    label: str
    abi: str
    jobs: tuple[str, ...]
    features: tuple[str, ...]
    sha256: str
    size: int
    path: Path
    streaming: bool
    imports: Mapping[str, str]
    exports: Mapping[str, str]
    memory: str | None
    beside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """`builds`: every row; `modules`: those of them that are compiled, in the table's order; `absent`: by language,
    what it has no module for; `lock`: all entries of the lock."""

    toolchains: Mapping[str, Toolchain]
    builds: Mapping[str, Build]
    modules: Mapping[str, Module]
    absent: Mapping[Language, Sequence[Absence]]
    lock: Mapping[str, Locked]

    def serving(self, job: str, variants: Sequence[str] = ("single", "simd", "threads")) -> Iterator[Module]:
        """The modules of a normal matrix that serve `job`."""
        return (m for m in self.modules.values() if job in m.jobs and m.variant in variants)


def load(folder: Path = HERE) -> Table:
    """The table `folder/builds.yaml` with the compiled modules of `folder/dist`. Errors: `TableError`, `LockError`."""
    file = folder / "builds.yaml"
    raw = _read(file)
    try:
        rows = _File.model_validate(_with_ids(raw))
    except ValidationError as error:
        faults = (f"{file}:{_line(raw, fault['loc'])}: {_explain(fault)}" for fault in error.errors())
        raise TableError("\n".join(faults)) from None
    _check_toolchains(file, raw, rows)
    dist = folder / "dist"
    lock = read_lock(dist)
    modules = {key: _module(row, lock[key], dist) for key, row in rows.modules.items() if key in lock}
    return Table(rows.toolchains, rows.modules, modules, rows.absent, lock)


def _module(row: Build, locked: Locked, dist: Path) -> Module:
    return Module(
        id=row.id,
        language=row.language,
        variant=row.variant,
        label=row.label,
        abi=row.abi,
        jobs=row.jobs,
        features=row.features,
        sha256=locked.sha256,
        size=locked.size,
        path=dist / f"{row.id}.wasm",
        streaming=row.streaming,
        imports=locked.imports,
        exports=locked.exports,
        memory=locked.memory,
        beside={name: locked.beside.get(name, "") for name in row.beside},
    )


def _read(file: Path) -> Any:
    """The file as ruamel's mappings, which remember their lines."""
    try:
        raw = YAML().load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TableError(f"{file}:{line}: {error.problem}") from None
    if not isinstance(raw, dict):
        raise TableError(f"{file}:1: must be a mapping with the keys toolchains, modules, absent")
    return raw


def _with_ids(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Gives each module its key as `id`, and reads a part without entries (null in YAML) as empty."""
    parts = {key: {} if part is None else part for key, part in raw.items()}
    rows = parts.get("modules")
    if isinstance(rows, dict):
        parts["modules"] = {k: {"id": k} | row if isinstance(row, dict) else row for k, row in rows.items()}
    return parts


def _line(raw: Any, loc: Sequence[int | str]) -> int:
    """The line (from 1) of the innermost key of `loc` that is in the file."""
    line, node = 0, raw
    for step in loc:
        position = getattr(node, "lc", None)
        data = getattr(position, "data", None) or {}
        if step not in data:
            break
        line = data[step][0]
        node = node[step]
    return line + 1


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about a word that is not known: the nearest one that is, if any is near."""
    close = get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _explain(fault: Any) -> str:
    key = ".".join(str(step) for step in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{key}: {fault['msg']}"
    parts: dict[str, type[_Row]] = {"toolchains": Toolchain, "modules": Build, "absent": Absence}
    known = _File if len(fault["loc"]) == 1 else parts[fault["loc"][0]]
    return f"{key}: unknown key{did_you_mean(str(fault['loc'][-1]), known.model_fields)}"


def _check_toolchains(file: Path, raw: Any, rows: _File) -> None:
    faults = []
    for key, row in rows.modules.items():
        for name in set(row.toolchain) - set(rows.toolchains):
            hint = did_you_mean(name, rows.toolchains)
            line = _line(raw, ("modules", key, "toolchain"))
            faults.append(f"{file}:{line}: modules.{key}.toolchain: no toolchain named {name}{hint}")
    if faults:
        raise TableError("\n".join(faults))
