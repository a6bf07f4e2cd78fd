"""Other Pythons of this machine, for bindings whose wheels are for no newer one."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Interpreter", "find"]

_ASK = "import ensurepip, platform, sys; print(platform.python_implementation(), sys.version.replace(chr(10), ' '))"


@dataclass(frozen=True)
class Interpreter:
    """A CPython that can make environments; `version` is its whole `sys.version`."""

    path: Path
    version: str

    @property
    def release(self) -> str:
        """`3.10.13`."""
        return self.version.split()[0]


@functools.cache
def find(release: str) -> Interpreter | None:
    """A CPython of that release (`3.10`): on PATH, of pyenv, of uv; the first that starts and has `ensurepip`."""
    for path in _places(release):
        try:
            said = subprocess.run(
                [path, "-I", "-c", _ASK], capture_output=True, text=True, timeout=20, check=True
            ).stdout
        except (OSError, subprocess.SubprocessError):
            continue  # pyenv's shims are on PATH for versions, too, that are not switched on
        implementation, _, version = said.strip().partition(" ")
        if implementation == "CPython" and version.startswith(f"{release}."):
            return Interpreter(path, version)
    return None


def _places(release: str) -> Iterator[Path]:
    name = f"python{release}"
    if found := shutil.which(name):
        yield Path(found)
    data = Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser()
    folders = (
        Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser() / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python").expanduser(),
    )
    for folder in folders:
        yield from sorted(folder.glob(f"*{release}.*/bin/{name}"), reverse=True)
