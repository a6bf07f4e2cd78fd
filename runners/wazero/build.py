"""Builds our Go host of wazero: once for each version of wazero, kept by what it was built from."""

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

__all__ = ["build", "built", "needs", "release_of"]

_HOST = Path(__file__).parent / "host"
_WAZERO = "github.com/tetratelabs/wazero"
_ENVIRONMENT = {
    "CGO_ENABLED": "0",  # it takes no C compiler
    "GOFLAGS": "",
    "GOWORK": "off",
    "GOOS": "",
    "GOARCH": "",
}
"""The build is the same on every machine with the same Go: what the user may have set does not reach it."""


def needs() -> str | None:
    """What must be installed before it can be built, in one line; None when all is here."""
    wanted = _pinned(r"^go (\d+)\.(\d+)")
    found = re.search(r"go(\d+)\.(\d+)", _go_version())
    if found and tuple(map(int, found.groups())) >= tuple(map(int, wanted)):
        return None
    have = f" (this is {found[0].removeprefix('go')})" if found else ""
    return f"wazero's host is built with Go: install Go {'.'.join(wanted)} or newer{have}"


def release_of(version: str) -> str | None:
    """The release of wazero that `version` (`1.12`) was built with; what is locked here, or None where it is not built."""
    if version == _locked_version():
        return ".".join(_locked_release())
    program = built(version)
    return None if program is None else (program.parent / "release").read_text()


def built(version: str) -> Path | None:
    """The program that `build` has made for that version; with any Go, where there is none any more."""
    toolchain = _toolchain() if _go_version() else "*"
    found = cache_folder("wazero").glob(f"{version}-{_sources()}-{toolchain}/host")
    return next(iter(sorted(found)), None)


def build(version: str, log: Log) -> Path:
    """The program for that version of wazero, built where it is not there yet (a minute, or seconds). Raises InstallError.

    The newest release of a version whose lock is not here is asked of the Go proxy, and its lock kept with the program."""
    with locked("wazero"):
        if program := built(version):
            return program
        if lacking := needs():
            raise InstallError(lacking)
        fresh = Path(tempfile.mkdtemp(dir=cache_folder("wazero"), prefix="building-"))
        try:
            _compile(version, fresh, log)
            place = fresh.with_name(f"{version}-{_sources()}-{_toolchain()}")
            fresh.chmod(0o755)
            fresh.rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return place / "host"


def _compile(version: str, place: Path, log: Log) -> None:
    """Leaves in `place` the program, the lock that it was built from, and the release that this names."""
    sources = place / "sources"
    shutil.copytree(_HOST, sources)

    def go(*arguments: str) -> None:
        execute(["go", *arguments], log, cwd=sources, environment=_ENVIRONMENT)

    if version != _locked_version():
        go("get", f"{_WAZERO}@v{version}")
        go("mod", "tidy")
    go("build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-p", "2", "-o", str(place / "host"), ".")
    for name in ("go.mod", "go.sum"):
        (sources / name).rename(place / name)
    release = re.search(rf"{_WAZERO} v(\S+)", (place / "go.mod").read_text())
    assert release
    (place / "release").write_text(release[1])
    shutil.rmtree(sources)


def _pinned(pattern: str) -> tuple[str, ...]:
    found = re.search(pattern, (_HOST / "go.mod").read_text(), re.MULTILINE)
    assert found
    return found.groups()


def _locked_release() -> tuple[str, ...]:
    return _pinned(rf"{_WAZERO} v(\d+)\.(\d+)\.(\d+)")


def _locked_version() -> str:
    return ".".join(_locked_release()[:2])


def _sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in _HOST.rglob("*") if path.suffix in (".go", ".mod", ".sum")):
        if path.name.endswith("_test.go"):
            continue
        name = path.relative_to(_HOST).as_posix()
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
        return subprocess.run(["go", "version"], capture_output=True, text=True, check=True, cwd=_HOST).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
