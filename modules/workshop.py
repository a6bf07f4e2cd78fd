"""Where a module is made: the environment of its commands, the state of its toolchains, a fresh copy of its sources."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from modules.table import HERE, Build, Toolchain

__all__ = ["BuildError", "Missing", "compile_module", "probe", "source_files", "source_hash"]

GENERATED = {"target", "node_modules", "__pycache__"}
"""Folders that toolchains leave among sources."""

STEERING = (
    "RUSTFLAGS", "RUSTC", "CARGO_BUILD_", "CARGO_ENCODED_", "CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_INCREMENTAL",
    "CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CPATH", "LIBRARY_PATH", "MAKEFLAGS", "EMCC_", "EMMAKEN_",
    "GOFLAGS", "GOEXPERIMENT", "GOOS", "GOARCH", "GOWASM", "CGO_", "NODE_OPTIONS", "PYTHON",
)  # fmt: skip
"""Beginnings of variables that steer compilers. A build does not inherit them, so that no hash hangs on a shell."""


class BuildError(Exception):
    """A module could not be made: which command failed and the end of what it said."""


@dataclass(frozen=True)
class Missing:
    """A toolchain that is not there: what is missing, and how to get it."""

    reason: str
    install: str


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC", "SOURCE_DATE_EPOCH": "0"} | dict(extra)


def _shell(command: str, folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = command.replace("{python}", shlex.quote(sys.executable)).replace("{modules}", shlex.quote(str(HERE)))
    return subprocess.run(
        ["/bin/sh", "-euc", command],
        cwd=folder,
        env=_environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


@cache
def _run_probe(command: str, env: tuple[tuple[str, str], ...]) -> tuple[bool, str]:
    done = _shell(command, HERE, dict(env))
    return done.returncode == 0, done.stdout.strip()


def probe(toolchain: Toolchain) -> str | Missing:
    """The toolchain's exact version, or what is missing. Asked once a process."""
    for program in toolchain.needs:
        if not shutil.which(os.path.expanduser(program)):
            return Missing(f"{program} is not on PATH", toolchain.install)
    env = tuple(toolchain.env.items())
    works, version = _run_probe(toolchain.version, env)
    if not works:
        return Missing(f"`{toolchain.version}` failed: {version[-300:]}", toolchain.install)
    if toolchain.pin not in version:
        return Missing(f"found {version}, the modules are built with {toolchain.pin}", toolchain.install)
    for command in toolchain.check:
        works, said = _run_probe(command, env)
        if not works:
            return Missing(f"`{command}` failed{': ' if said else ''}{said[-300:]}", toolchain.install)
    return version


def source_files(build: Build) -> list[Path]:
    """The files that the module is made of, relative to its source folder, sorted; documents (*.md) are not."""
    folder = HERE / build.source
    found = {path.relative_to(folder) for pattern in build.files for path in folder.glob(pattern) if path.is_file()}
    return sorted(path for path in found if path.suffix != ".md" and not GENERATED.intersection(path.parts))


def source_hash(build: Build) -> str:
    """SHA-256 over names and contents of `source_files`."""
    whole = sha256()
    for path in source_files(build):
        content = (HERE / build.source / path).read_bytes()
        whole.update(f"{path.as_posix()}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def compile_module(build: Build, toolchains: Iterable[Toolchain]) -> bytes:
    """The module's bytes: its commands, run in a copy of its sources in a fresh folder. Errors: `BuildError`."""
    env = {name: value for toolchain in toolchains for name, value in toolchain.env.items()}
    with tempfile.TemporaryDirectory(prefix=f"{build.id}-") as name:
        room = Path(name)
        source, work, out = room / "source", room / "work", room / f"{build.id}.wasm"
        work.mkdir()
        source.mkdir()
        files = source_files(build)
        if not files:
            raise BuildError(f"no sources: {build.source} has no {', '.join(build.files)}")
        for path in files:
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HERE / build.source / path, source / path)
        for command in build.commands:
            line = command.replace("{out}", str(out)).replace("{tmp}", str(work)).replace("{source}", str(source))
            done = _shell(line, source, env | {"TMPDIR": str(work)})
            if done.returncode:
                raise BuildError(f"`{command}` ended with {done.returncode}:\n{_indented(done.stdout)}")
        if not out.is_file():
            raise BuildError("its commands succeeded without writing {out}")
        return out.read_bytes()


def _indented(text: str, lines: int = 40) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])
