"""npm packages, installed once into the cache from a `package.json` and its lock: a page's, and runtimes' binaries."""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

from runners.pins import Pin, lock_npm, too_old
from runners.provision import cache_folder, execute, locked
from runners.runtime import InstallError, Log, Source, State

__all__ = ["LOCKS", "PACKAGES", "Binary", "OpenBinary", "Packages", "source_here"]

_HERE = Path(__file__).parent
LOCKS = _HERE / "npm"
"""A folder for each version that is pinned here: TARGET/package.json and its lock."""

_FILES = ("package.json", "package-lock.json")


class Packages:
    """What the two files in `source` name. `why` ends the sentence "install Node.js, with which …"."""

    def __init__(self, source: Path, why: str) -> None:
        self._source, self._why = source, why

    @property
    def _folder(self) -> Path:
        text = b"".join((self._source / name).read_bytes() for name in _FILES)
        return cache_folder("npm") / hashlib.sha256(text).hexdigest()[:12]

    @property
    def modules(self) -> Path:
        """The `node_modules` folder; there when `ready`."""
        return self._folder / "node_modules"

    @property
    def ready(self) -> bool:
        return (self._folder / "complete").exists()

    def needs(self) -> str | None:
        """What to install first, in one line; None when all is there."""
        if self.ready or shutil.which("npm"):
            return None
        return f"no `npm` on PATH: install Node.js, with which {self._why}"

    def install(self, log: Log) -> None:
        """Runtime dependencies alone, no scripts of packages. Raises InstallError."""
        with locked("npm"):
            if self.ready:
                return
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            for name in _FILES:
                shutil.copy(self._source / name, self._folder)
            execute(["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], log, cwd=self._folder)
            (self._folder / "complete").touch()


class Binary:
    """A runtime's executable out of npm: `lock` is the folder that has its lock, `places` where it is below
    `node_modules`, by the name of the machine.

    The packages that a runtime is published as choose one of these by a script or a shim; we ask for that one itself.
    """

    def __init__(self, lock: Path, what: str, places: Mapping[str, str]) -> None:
        self._what, self._place = what, place_here(places)
        self._packages = Packages(lock, f"{what} comes from npm")

    @property
    def path(self) -> Path:
        """Only where `state` is ready."""
        assert self._place
        return self._packages.modules / self._place

    def state(self) -> State:
        if self._place is None:
            return State("missing", f"npm has no {self._what} for {platform.system()} {platform.machine()} in our lock")
        if self._packages.ready:
            return State("ready", f"{self._what} from npm")
        if needs := self._packages.needs():
            return State("missing", needs)
        return State("installable", f"install {self._what} from npm into the cache")

    def install(self, log: Log) -> None:
        """Idempotent. Raises InstallError, also where the package has not what its place says."""
        self._packages.install(log)
        if not self.path.is_file():
            raise InstallError(f"npm installed no {self._what}: {self.path.name} is not in its package")


class OpenBinary:
    """A `Binary` of a version that has no lock of ours: its release and lock are written down at setup.

    `oldest` is the first that our program runs on.
    """

    def __init__(self, runtime: str, version: str, places: Mapping[str, str], oldest: str) -> None:
        self._runtime, self._what, self._places = runtime, f"{runtime} {version}", places
        self._pin = Pin(runtime, version, source_here(places), lock_npm)
        self._too_old = too_old(runtime, version, oldest)

    @property
    def _binary(self) -> Binary | None:
        release = self._pin.release
        return Binary(self._pin.folder, f"{self._runtime} {release}", self._places) if release else None

    @property
    def path(self) -> Path:
        """Only where `state` is ready."""
        binary = self._binary
        assert binary
        return binary.path

    def state(self) -> State:
        if self._too_old:
            return State("missing", self._too_old)
        if binary := self._binary:
            return binary.state()
        if place_here(self._places) is None:
            return State("missing", f"npm has no {self._what} for {platform.system()} {platform.machine()}")
        if not shutil.which("npm"):
            return State("missing", f"no `npm` on PATH: install Node.js, with which {self._what} comes from npm")
        return State("installable", f"install the newest {self._what} of npm into the cache")

    def install(self, log: Log) -> None:
        """Idempotent. Raises InstallError, also where npm has no such version."""
        if self._too_old:
            raise InstallError(self._too_old)
        self._pin.write(log)
        binary = self._binary
        assert binary
        binary.install(log)


def place_here(places: Mapping[str, str]) -> str | None:
    """The place for this machine; None where there is none."""
    return places.get(platform.machine()) if platform.system() == "Linux" else None


def source_here(places: Mapping[str, str]) -> Source:
    """The package for this machine, which the place begins with (a scope and a name, or a name); else any other's."""
    parts = (place_here(places) or next(iter(places.values()))).split("/")
    return Source("npm", "/".join(parts[: 2 if parts[0].startswith("@") else 1]))


PACKAGES = Packages(_HERE, "the WASI imports of modules come into a page")
"""What pages need."""
