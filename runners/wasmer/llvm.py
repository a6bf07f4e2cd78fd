"""LLVM as the build of wasmer's compiler of that name wants it: the machine's own, with its static libraries."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from runners import apt
from runners.runtime import InstallError, Log

__all__ = ["LLVM"]

_VERSION = "22.1"
_PREFIX = "LLVM_SYS_221_PREFIX"
"""Where the crate `llvm-sys` 221 looks for it."""
_PACKAGES = ("llvm-22-dev", "libpolly-22-dev", "libzstd-dev")


@dataclass(frozen=True)
class _Llvm:
    name = f"LLVM {_VERSION}"

    def here(self) -> bool:
        return _prefix() is not None

    def needs(self) -> str | None:
        """None also where `install` can bring it."""
        if self.here() or apt.may_install():
            return None
        return f"{self.name} with its static libraries (Debian: apt-get install {' '.join(_PACKAGES)})"

    def install(self, log: Log) -> None:
        if self.here():
            return
        apt.install(_PACKAGES, log)
        if not self.here():
            raise InstallError(
                f"apt-get has installed {' '.join(_PACKAGES)}, and there is still no {self.name} to link"
            )

    def environment(self) -> Mapping[str, str]:
        return {_PREFIX: _prefix() or ""}


def _prefix() -> str | None:
    """The folder of an LLVM of that version whose static libraries, and those that they want, are all there."""
    named = os.environ.get(_PREFIX)
    for program in [f"{named}/bin/llvm-config"] if named else [f"llvm-config-{_VERSION.split('.')[0]}", "llvm-config"]:
        found = shutil.which(program)
        if not found or not (_ask(found, "--version") or "").startswith(f"{_VERSION}."):
            continue
        wanted = _ask(found, "--link-static", "--libs", "--system-libs")
        if wanted is not None and _links([f"-L{_ask(found, '--libdir')}", *wanted.split()]):
            return _ask(found, "--prefix")
    return None


def _ask(program: str, *options: str) -> str | None:
    """What llvm-config prints; None where it fails, as it does for libraries that are not there."""
    try:
        done = subprocess.run([program, *options], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _links(libraries: list[str]) -> bool:
    compiler = shutil.which(os.environ.get("CC") or "cc")
    if compiler is None:
        return True  # which is said by itself
    command = [compiler, "-shared", "-o", os.devnull, "-x", "c", os.devnull, "-x", "none", *libraries]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


LLVM = _Llvm()
