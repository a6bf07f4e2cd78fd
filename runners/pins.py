"""What a version means that the repository does not pin: found once, at setup, and kept in the cache, with hashes.

A pin is a folder: `release`, and the lock that pip or npm installs from. A second setup finds it and gives the same;
who wants a newer release of that version deletes the folder, or asks for the release by its whole name.
"""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from runners.provision import cache_folder, execute, locked
from runners.registries import ask, newest, pip
from runners.runtime import InstallError, Log, Source

__all__ = ["Pin", "lock_npm", "lock_wheel", "too_old", "written"]

Lock = Callable[[Path, str, str, Log], None]
"""Writes the lock of a package at a release into a folder. Raises InstallError."""


class Pin:
    """What `version` of a runtime stands for on this machine; `source` and `lock` say whence and how."""

    def __init__(self, runtime: str, version: str, source: Source, lock: Lock) -> None:
        self._name, self._version, self._source, self._lock = f"{runtime}-{version}", version, source, lock
        self.folder = _folder() / self._name

    @property
    def release(self) -> str | None:
        """The exact release; None until `write`."""
        try:
            return (self.folder / "release").read_text("utf-8").strip()
        except FileNotFoundError:
            return None

    def write(self, log: Log) -> str:
        """Asks the registry, where it is not written down already: the release. Raises InstallError."""
        with locked(f"pin-{self._name}"):
            if known := self.release:
                return known
            release = newest(self._source, self._version)
            log(f"{self._name} is {self._source.package} {release} from {self._source.registry}")
            made = Path(tempfile.mkdtemp(dir=self.folder.parent))
            try:
                self._lock(made, self._source.package, release, log)
                (made / "release").write_text(f"{release}\n", "utf-8")
                made.chmod(0o755)
                made.replace(self.folder)
            except BaseException:
                shutil.rmtree(made, ignore_errors=True)
                raise
            return release


def too_old(runtime: str, version: str, oldest: str) -> str | None:
    """Why a version that is older than `oldest` cannot be had, in one line; None for others."""
    asked, least = ([int(part) for part in one.split(".")] for one in (version, oldest))
    if asked < least[: len(asked)]:
        return f"{runtime} {version}: the oldest that our runner can drive is {oldest}"
    return None


def written(runtime: str) -> dict[str, str]:
    """The pins of a runtime that this machine has: version → release."""
    files = _folder().glob(f"{runtime}-*/release")
    return {path.parent.name.removeprefix(f"{runtime}-"): path.read_text("utf-8").strip() for path in files}


def _folder() -> Path:
    return cache_folder("pins", platform.machine())


def lock_wheel(folder: Path, package: str, release: str, log: Log) -> None:
    """`requirements.txt`: the package and what it depends on, as wheels for this machine, by hash."""
    command = [*pip(), "install", "--quiet", "--dry-run", "--ignore-installed", "--only-binary", ":all:"]
    said = ask([*command, "--report", "-", f"{package}=={release}"], f"PyPI, {package} {release}")
    lines = []
    for item in json.loads(said)["install"]:
        name, version = item["metadata"]["name"], item["metadata"]["version"]
        try:
            digest = item["download_info"]["archive_info"]["hashes"]["sha256"]
        except KeyError:
            raise InstallError(f"PyPI, {package} {release}: pip told no sha256 of {name} {version}") from None
        lines.append(f"{name}=={version} --hash=sha256:{digest}\n")
        log(lines[-1].rstrip())
    (folder / "requirements.txt").write_text("".join(sorted(lines)), "utf-8")


def lock_npm(folder: Path, package: str, release: str, log: Log) -> None:
    """`package.json` and `package-lock.json`, with npm's integrity of each package."""
    manifest = {"private": True, "dependencies": {package: release}}
    (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    flags = ["--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund"]
    execute(["npm", "install", *flags], log, cwd=folder)
