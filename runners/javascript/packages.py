"""The npm packages that pages need, installed once into the cache from the lock beside this file."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from runners.provision import cache_folder, execute, locked
from runners.runtime import Log

__all__ = ["PACKAGES"]

_HERE = Path(__file__).parent
_FILES = ("package.json", "package-lock.json")


class _Packages:
    @property
    def _folder(self) -> Path:
        text = b"".join((_HERE / name).read_bytes() for name in _FILES)
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
        return "no `npm` on PATH: install Node.js, with which the WASI imports of modules come into a page"

    def install(self, log: Log) -> None:
        """Runtime dependencies alone, no scripts of packages. Raises InstallError."""
        with locked("npm"):
            if self.ready:
                return
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            for name in _FILES:
                shutil.copy(_HERE / name, self._folder)
            execute(["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], log, cwd=self._folder)
            (self._folder / "complete").touch()


PACKAGES = _Packages()
