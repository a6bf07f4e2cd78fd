"""WasmEdge's library from Debian, with all that it wants, in a folder that apt and dpkg-deb fill, without being root.

It is of a newer Debian than many machines are: so it comes with that Debian's C library, and the runner's Python is
started by that library's own loader.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from runners.provision import cache_folder, execute, locked
from runners.runtime import InstallError, Log

__all__ = ["RELEASE", "fetch", "interpreter", "library", "needs"]

SUITE = "trixie"
PACKAGE = "libwasmedge0=0.14.1+dfsg-3.1"
RELEASE = "0.14.1"
"""What that package has."""

_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FIND = "import ctypes, sys; ctypes.CDLL(sys.argv[1])"


def needs() -> str | None:
    """What it cannot be fetched without, in one line; None when all is here."""
    if sys.platform != "linux" or not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return f"WasmEdge {RELEASE} comes from Debian {SUITE}, by apt-get and dpkg-deb: this machine has none"
    if not _KEYS.exists():
        return f"WasmEdge {RELEASE} comes from Debian {SUITE}: install debian-archive-keyring"
    return None


def library() -> Path | None:
    """The library, where it is complete."""
    root = _root()
    return next(root.glob("usr/lib/*/libwasmedge.so.0"), None) if (root / "complete").exists() else None


def interpreter(library: Path) -> list[str]:
    """The command line of this Python with the libraries beside that one."""
    # A virtual environment's Python is a link, and a loader starts what the link leads to: nothing of it is needed.
    return [str(_loader(library)), "--library-path", str(library.parent), os.path.realpath(sys.executable)]


def fetch(log: Log) -> Path:
    """The library, fetched where it is not there (45 MB, 180 MB unpacked). Raises InstallError."""
    with locked("wasmedge"):
        if found := library():
            return found
        if lacking := needs():
            raise InstallError(lacking)
        fresh = Path(tempfile.mkdtemp(dir=cache_folder("wasmedge"), prefix="fetch-"))
        try:
            root = fresh / "root"
            for archive in _archives(fresh, log):
                execute(["dpkg-deb", "-x", str(archive), str(root)], log)
            found = next(root.glob("usr/lib/*/libwasmedge.so.0"), None)
            if found is None:
                raise InstallError(f"{PACKAGE} has no libwasmedge.so.0")
            execute([*interpreter(found), "-I", "-c", _FIND, str(found)], log)
            shutil.rmtree(root / "usr" / "share", ignore_errors=True)
            (root / "complete").touch()
            shutil.rmtree(_root(), ignore_errors=True)
            root.rename(_root())
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    made = library()
    assert made
    return made


def _archives(folder: Path, log: Log) -> list[Path]:
    """The packages, fetched by an apt that knows nothing of this machine's, and checked by it."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources").write_text(f"deb [signed-by={_KEYS}] {_mirror()} {SUITE} main\n")
    options = {
        "Dir::Etc::SourceList": folder / "sources",
        "Dir::Etc::SourceParts": "/nonexistent",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
    }
    apt = ["apt-get", "--quiet", "--yes", *(f"-o{name}={value}" for name, value in options.items())]
    execute([*apt, "update"], log)
    execute([*apt, "--download-only", "--no-install-recommends", "install", PACKAGE], log)
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def _mirror() -> str:
    """The mirror of Debian that this machine's own apt uses."""
    command = ["apt-get", "indextargets", "--format", "$(ORIGIN)/$(LABEL) $(REPO_URI)", "Created-By: Packages"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("Debian/Debian ")]
    if not found:
        raise InstallError("this machine's apt knows no Debian archive; if it should, run apt-get update")
    return found[0]


def _loader(library: Path) -> Path:
    return next(library.parent.glob("ld-linux-*.so.*"))


def _root() -> Path:
    key = hashlib.sha256(f"{SUITE} {PACKAGE} {sys.version}".encode()).hexdigest()[:12]
    return cache_folder("wasmedge") / f"{RELEASE}-{key}"
