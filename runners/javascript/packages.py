"""npm packages, installed once into the cache from a `package.json` and its lock: a page's, and runtimes' binaries."""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

from runners.provision import cache_folder, execute, locked
from runners.runtime import InstallError, Log, State

__all__ = ["PACKAGES", "Binary", "Packages"]

_HERE = Path(__file__).parent
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
    """A runtime's executable out of npm.

    `lock` is the folder of its two files, `places` where it is by the name of the machine.

    The packages that a runtime is published as choose one of these by a script or a shim; we ask for that one itself.
    """

    def __init__(self, lock: Path, what: str, places: Mapping[str, str]) -> None:
        self._what, self._place = what, places.get(platform.machine()) if platform.system() == "Linux" else None
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


PACKAGES = Packages(_HERE, "the WASI imports of modules come into a page")
"""What pages need."""
