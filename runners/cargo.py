"""Programs that are built from crates.io with Rust: once, into the cache, whole or not at all."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from runners.provision import cache_folder, execute, locked
from runners.runtime import InstallError, Log

__all__ = ["CargoProgram"]

_RUST = (1, 95)
"""The oldest Rust that they were built with here."""


@dataclass(frozen=True)
class CargoProgram:
    """`crate` is its name and the program's; `title` what a person calls it; `minutes` its build's on two cores."""

    crate: str
    release: str
    title: str
    minutes: int

    @property
    def binary(self) -> Path:
        """Where it is, once it is built."""
        return self._folder / "bin" / self.crate

    @property
    def plan(self) -> str:
        """What `install` would do, in a line."""
        return f"build {self.crate} {self.release} with Rust ({self.minutes} minutes on two cores, once)"

    @property
    def _folder(self) -> Path:
        return cache_folder(self.crate) / self.release

    def needs(self) -> str | None:
        """What must be installed before it can be built, in one line; None when all is here."""
        missing = []
        try:
            said = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            said = ""
        found = re.match(r"rustc (\d+)\.(\d+)", said)
        if not found or not shutil.which("cargo") or tuple(map(int, found.groups())) < _RUST:
            missing.append(f"Rust {_RUST[0]}.{_RUST[1]} or newer (by rustup)")
        if not shutil.which("cc"):
            missing.append("a C compiler (Debian: apt-get install build-essential)")
        return f"{self.title} is built with Rust: install {' and '.join(missing)}" if missing else None

    def install(self, log: Log) -> None:
        """Idempotent; beside another process that does the same, one builds. Raises InstallError."""
        with locked(self.crate):
            if self.binary.is_file():
                return
            if needs := self.needs():
                raise InstallError(needs)
            fresh = Path(tempfile.mkdtemp(dir=cache_folder(self.crate), prefix="build-"))
            politely = ["nice", "-n", "10"] if shutil.which("nice") else []  # beside cells whose times are measured
            try:
                execute(
                    # crates.io never changes a release, and --locked holds it to the checksums of its own Cargo.lock.
                    [*politely, "cargo", "install", self.crate, "--version", f"={self.release}", "--locked",
                     "--root", str(fresh / "root"), "--target-dir", str(fresh / "target")],
                    log,
                    environment={"CARGO_TERM_COLOR": "never"},
                )  # fmt: skip
                (fresh / "root").rename(self._folder)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
