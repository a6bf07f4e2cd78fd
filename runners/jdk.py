"""The machine's Java: whether it is new enough, and what to install where it is not."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess

__all__ = ["OLDEST", "java_version", "needs_to_build", "needs_to_run"]

OLDEST = 17
"""The major version that what we build, and what we fetch, is written for."""

_PACKAGES = "Debian: apt-get install openjdk-17-jdk-headless maven"


def java_version() -> str:
    """What `java` says of itself, as `17.0.15`; empty without one."""
    return _version("java")


def needs_to_run() -> str | None:
    """What must be installed to run it, in one line; None when all is here."""
    return _lacking("java")


def needs_to_build() -> str | None:
    """What must be installed to build it, in one line; None when all is here."""
    if lacking := _lacking("java", "javac", "jar"):
        return lacking
    return None if shutil.which("mvn") else f"no `mvn` on PATH: install Maven ({_PACKAGES})"


def _lacking(*programs: str) -> str | None:
    for program in programs:
        version = _version(program)
        if not version:
            return f"no `{program}` on PATH: install a JDK of Java {OLDEST} or newer ({_PACKAGES})"
        if int(version.split(".")[0]) < OLDEST:
            return f"`{program}` on PATH is {version}: install a JDK of Java {OLDEST} or newer ({_PACKAGES})"
    return None


@functools.cache
def _version(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        return ""
    try:  # `-version`, on standard error, is what Java 8 and older understand, too
        option = "--version" if program == "jar" else "-version"
        said = subprocess.run([path, option], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    # Its own line, and not what JAVA_TOOL_OPTIONS makes it say before; `1.8` is Java 8.
    found = re.search(r'(?m)^(?:openjdk|java|javac|jar)\b[^"\d\n]*"?(?:1\.)?(\d+(?:\.\d+)*)', said.stderr + said.stdout)
    return found[1] if found else ""
