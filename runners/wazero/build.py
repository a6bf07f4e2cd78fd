"""Builds our Go host of wazero: once for each lock, kept by what it was built from."""

from __future__ import annotations

import functools
import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from runners.provision import cache_folder, execute, locked
from runners.runtime import InstallError, Log

__all__ = ["HOST", "build", "built", "lock_go", "needs"]

HOST = Path(__file__).parent / "host"
"""The sources, and the lock (`go.mod`, `go.sum`) of the release that the suite pins. Nothing is ever written there."""

_ENVIRONMENT = {"CGO_ENABLED": "0", "GOWORK": "off", "GOOS": "", "GOARCH": ""}
"""No C compiler is needed, and what the user may have set for builds of their own does not reach ours."""


def needs() -> str | None:
    """What must be installed before it can be built, in one line; None when all is here."""
    pinned = re.search(r"^go (\d+)\.(\d+)", (HOST / "go.mod").read_text("utf-8"), re.MULTILINE)
    found = re.search(r"go(\d+)\.(\d+)", _go_version())
    assert pinned
    if found and tuple(map(int, found.groups())) >= tuple(map(int, pinned.groups())):
        return None
    have = f" (this is {found[0].removeprefix('go')})" if found else ""
    return f"wazero's host is built with Go: install Go {pinned[1]}.{pinned[2]} or newer{have}"


def built(lock: Path) -> Path | None:
    """The program that `build` has made with the lock in that folder and this Go; with any where there is none."""
    toolchain = _toolchain() if _go_version() else "*"
    found = cache_folder("wazero").glob(f"{_sources(lock)}-{toolchain}/host")
    return next(iter(sorted(found)), None)


def build(lock: Path, log: Log) -> Path:
    """The program, built where it is not there yet (a minute; seconds after a change of ours). Raises InstallError."""
    with locked("wazero"):
        if program := built(lock):
            return program
        if lacking := needs():
            raise InstallError(lacking)
        place = cache_folder("wazero") / f"{_sources(lock)}-{_toolchain()}"
        fresh = Path(tempfile.mkdtemp(dir=place.parent, prefix="building-"))
        try:
            flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-p=2"]
            _go(lock, log, "build", *flags, "-o", str(fresh / "host"), ".")
            fresh.rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return place / "host"


def lock_go(folder: Path, package: str, release: str, log: Log) -> None:
    """Writes a lock like HOST's into `folder`, but of another release of wazero. Raises InstallError."""
    if lacking := needs():
        raise InstallError(lacking)
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(HOST / name, folder / name)
    _go(folder, log, "get", f"{package}@v{release}")
    _go(folder, log, "mod", "tidy")


def _go(lock: Path, log: Log, *command: str) -> None:
    # As a variable it stands for every command, `go mod` too; a path with a space would end it, so it is quoted.
    flags = f"'-modfile={lock / 'go.mod'}'"
    execute(["go", *command], log, cwd=HOST, environment={**_ENVIRONMENT, "GOFLAGS": flags})


def _sources(lock: Path) -> str:
    digest = hashlib.sha256()
    files = {path.relative_to(HOST).as_posix(): path for path in HOST.rglob("*.go") if not path.match("*_test.go")}
    files |= {name: lock / name for name in ("go.mod", "go.sum")}
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _toolchain() -> str:
    return hashlib.sha256(_go_version().encode()).hexdigest()[:8]


@functools.cache
def _go_version() -> str:
    """What Go says of itself (`go version go1.26.8 linux/amd64`); empty without Go."""
    if shutil.which("go") is None:
        return ""
    try:
        return subprocess.run(["go", "version"], capture_output=True, text=True, check=True, cwd=HOST).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
