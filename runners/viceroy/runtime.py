"""Viceroy, the local runtime of Fastly Compute: built from crates.io with Rust, once, into the cache."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.provision import cache_folder, execute, launcher, locked
from runners.runtime import InstallError, Log, Source, State, Target

__all__ = ["VICEROY"]

_RUST = (1, 95)
"""The oldest Rust that it was built with here."""


class _Viceroy:
    name = "viceroy"
    versions: ClassVar[Mapping[str, str]] = {"0.16": "0.16.5"}
    sources = (Source("crates.io", "viceroy"),)
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = False
    death_signal = signal.SIGKILL

    def _release(self, target: Target) -> str:
        return self.versions[target.version or ""]

    def _folder(self, target: Target) -> Path:
        return cache_folder("viceroy") / self._release(target)

    def _binary(self, target: Target) -> Path:
        return self._folder(target) / "bin" / "viceroy"

    def state(self, target: Target) -> State:
        release = self._release(target)
        if self._binary(target).is_file():
            return State("ready", f"viceroy {release} from crates.io")
        if needs := _needs():
            return State("missing", needs)
        return State("installable", f"build viceroy {release} with Rust (7 minutes on two cores, once)", slow=True)

    def install(self, target: Target, log: Log) -> None:
        with locked("viceroy"):
            if self._binary(target).is_file():
                return
            if needs := _needs():
                raise InstallError(needs)
            cache = cache_folder("viceroy")
            fresh = Path(tempfile.mkdtemp(dir=cache, prefix="build-"))
            politely = ["nice", "-n", "10"] if shutil.which("nice") else []  # beside cells whose times are measured
            try:
                execute(
                    # crates.io never changes a release, and --locked holds it to the checksums of its own Cargo.lock.
                    [*politely, "cargo", "install", "viceroy", "--version", f"={self._release(target)}", "--locked",
                     "--root", str(fresh / "root"), "--target-dir", str(fresh / "target")],
                    log,
                    environment={"CARGO_TERM_COLOR": "never"},
                )  # fmt: skip
                (fresh / "root").rename(self._folder(target))
            finally:
                shutil.rmtree(fresh, ignore_errors=True)

    def command(self, target: Target) -> list[str]:
        return launcher(None, "viceroy", "--binary", str(self._binary(target)))


def _needs() -> str | None:
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
    return f"Viceroy is built with Rust: install {' and '.join(missing)}" if missing else None


VICEROY = _Viceroy()
