"""Builds our binding of wasmer with Rust: once, kept by what it was built from."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

from runners.provision import Environment, execute
from runners.runtime import InstallError, Log

__all__ = ["build", "built", "needs"]

_HERE = Path(__file__).parent
_BINDING = _HERE / "binding"
_MATURIN = _HERE / "requirements-build.txt"


def needs() -> str | None:
    """What must be installed before it can be built, in one line; None when all is here."""
    wanted = tomllib.loads((_BINDING / "Cargo.toml").read_text())["package"]["rust-version"]
    missing = []
    found = re.match(r"rustc (\d+)\.(\d+)", _rustc())
    if not found or not shutil.which("cargo"):
        missing.append(f"Rust {wanted} or newer (by rustup)")
    elif tuple(map(int, found.groups())) < tuple(map(int, wanted.split("."))):
        missing.append(f"Rust {wanted} or newer (this is {'.'.join(found.groups())}; `rustup update` brings it)")
    if not shutil.which(os.environ.get("CC") or "cc"):
        missing.append("a C compiler (Debian: apt-get install build-essential)")
    return f"wasmer's binding is built with Rust: install {' and '.join(missing)}" if missing else None


def built(cache: Path) -> Path | None:
    """The wheel that `build` has made of these sources with this Rust; with any, where there is none any more."""
    folder = cache / "wheels"
    pattern = f"{_sources()}-{_toolchain() if _rustc() else '*'}"
    return next(iter(sorted(folder.glob(f"{pattern}/*.whl"))), None)


def build(cache: Path, log: Log) -> Path:
    """The wheel, built where it is not there yet (minutes; less after a change of ours). Raises InstallError.

    `cache` keeps the wheels, and cargo's own folder for the next build. One process at a time."""
    if wheel := built(cache):
        return wheel
    if lacking := needs():
        raise InstallError(lacking)
    maturin = Environment("wasmer-build", _MATURIN)
    maturin.install(log)
    place = cache / "wheels" / f"{_sources()}-{_toolchain()}"
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=cache, prefix="wheel-"))
    try:
        execute(
            [*_politely(), str(maturin.python), "-m", "maturin", "build", "--release", "--locked",
             "--manifest-path", str(_BINDING / "Cargo.toml"), "--interpreter", str(maturin.python),
             "--auditwheel", "skip", "--out", str(fresh)],
            log,
            environment={"CARGO_TARGET_DIR": str(cache / "target"), "CARGO_TERM_COLOR": "never"},
        )  # fmt: skip
        if not any(fresh.glob("*.whl")):
            raise InstallError("maturin made no wheel")
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return next(place.glob("*.whl"))


def _politely() -> list[str]:
    # It takes minutes, beside cells whose times are measured.
    return ["nice", "-n", "10"] if shutil.which("nice") else []


def _sources() -> str:
    digest = hashlib.sha256()
    settings = [_BINDING / name for name in ("Cargo.toml", "Cargo.lock", "pyproject.toml")]
    for path in [_MATURIN, *settings, *sorted(_BINDING.glob("src/*.rs"))]:
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _toolchain() -> str:
    return hashlib.sha256(_rustc().encode()).hexdigest()[:8]


@functools.cache
def _rustc() -> str:
    """What rustc says of itself, its host included; empty without rustc."""
    rustc = shutil.which("rustc")
    if rustc is None:
        return ""
    try:
        return subprocess.run([rustc, "-vV"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
