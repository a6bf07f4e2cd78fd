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
from hashlib import sha256
from pathlib import Path

from modules.table import Build, Toolchain

__all__ = ["BuildError", "Made", "Missing", "Workshop"]

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


@dataclass(frozen=True)
class Made:
    """What a build gave: the module, and by name the other files of a program."""

    wasm: bytes
    beside: Mapping[str, bytes]


@dataclass(frozen=True)
class Workshop:
    """Builds what the table of `folder` (the folder of `builds.yaml`) says, from the sources below it."""

    folder: Path

    def probe(self, toolchain: Toolchain) -> str | Missing:
        """The toolchain's exact version, or what is missing."""
        for program in toolchain.needs:
            if not shutil.which(Path(program).expanduser()):
                return Missing(f"{program} is not on PATH", toolchain.install)
        done = self._shell(toolchain.version, self.folder, toolchain.env)
        version = done.stdout.strip()
        if done.returncode:
            return Missing(f"`{toolchain.version}` failed: {version[-300:]}", toolchain.install)
        if toolchain.pin not in version:
            return Missing(f"found {version}, the modules are built with {toolchain.pin}", toolchain.install)
        for command in toolchain.check:
            done = self._shell(command, self.folder, toolchain.env)
            if done.returncode:
                return Missing(f"`{command}` failed: {done.stdout.strip()[-300:]}".rstrip(": "), toolchain.install)
        return version

    def source_files(self, build: Build) -> list[Path]:
        """The files that the module is made of, relative to its source folder, sorted; documents (*.md) are not."""
        root = self.folder / build.source
        found = {path.relative_to(root) for pattern in build.files for path in root.glob(pattern) if path.is_file()}
        return sorted(path for path in found if path.suffix != ".md" and not GENERATED.intersection(path.parts))

    def source_hash(self, build: Build) -> str:
        """SHA-256 over names and contents of `source_files`."""
        whole = sha256()
        for path in self.source_files(build):
            content = (self.folder / build.source / path).read_bytes()
            whole.update(f"{path.as_posix()}\0{len(content)}\0".encode() + content)
        return whole.hexdigest()

    def make(self, build: Build, toolchains: Iterable[Toolchain]) -> Made:
        """Runs the commands in a copy of the sources, in a fresh folder. Errors: `BuildError`."""
        env = {name: value for toolchain in toolchains for name, value in toolchain.env.items()}
        files = self.source_files(build)
        if not files:
            raise BuildError(f"no sources: {self.folder / build.source} has no {', '.join(build.files)}")
        with tempfile.TemporaryDirectory(prefix=f"{build.id}-") as name:
            source, work, folder = Path(name, "source"), Path(name, "work"), Path(name, "out")
            work.mkdir()
            folder.mkdir()
            out = folder / f"{build.id}.wasm"
            for path in files:
                (source / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.folder / build.source / path, source / path)
            places = {"{out}": out, "{folder}": folder, "{tmp}": work, "{source}": source}
            for command in build.commands:
                done = self._shell(command, source, {**env, "TMPDIR": str(work)}, places)
                if done.returncode:
                    raise BuildError(f"`{command}` ended with {done.returncode}:\n{_end(done.stdout)}")
            if not out.is_file():
                raise BuildError("its commands succeeded without writing {out}")
            for name in build.beside:
                if not (folder / name).is_file():
                    raise BuildError(f"its commands succeeded without writing {{folder}}/{name}")
            return Made(out.read_bytes(), {name: (folder / name).read_bytes() for name in build.beside})

    def _shell(
        self, command: str, cwd: Path, env: Mapping[str, str], places: Mapping[str, Path] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command of the table; its output and its errors come out as one."""
        for name, path in {"{python}": Path(sys.executable), "{modules}": self.folder, **(places or {})}.items():
            command = command.replace(name, shlex.quote(str(path)))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
        return subprocess.run(
            ["/bin/sh", "-euc", command],
            cwd=cwd,
            env={**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", "SOURCE_DATE_EPOCH": "0", **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )


def _end(text: str, lines: int = 40) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])
