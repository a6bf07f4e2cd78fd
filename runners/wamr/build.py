"""Builds WAMR's library of C, once for each interpreter, from the source that a package of crates.io brings."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from runners.provision import cache_folder, execute, locked
from runners.runtime import InstallError, Log

__all__ = ["INTERPRETERS", "build", "library", "needs"]

_MANIFEST = Path(__file__).parent / "source" / "Cargo.toml"
_PACKAGE = "wamrx-sys"

_ALL: Mapping[str, str] = {
    "CMAKE_BUILD_TYPE": "Release",
    "CMAKE_SHARED_LINKER_FLAGS": "-s",
    "BUILD_SHARED_LIBS": "ON",
    **{f"WAMR_BUILD_{name}": "0" for name in ("AOT", "JIT", "FAST_JIT", "LIBC_BUILTIN", "GC")},
    **{
        f"WAMR_BUILD_{name}": "1"
        for name in (
            "INTERP", "LIBC_WASI", "LIB_WASI_THREADS", "THREAD_MGR", "SHARED_MEMORY", "BULK_MEMORY", "REF_TYPES",
            "TAIL_CALL", "EXTENDED_CONST_EXPR",
        )
    },
    # In software, as on the small machines that it is for; and the signals of this process stay Python's.
    "WAMR_DISABLE_HW_BOUND_CHECK": "1",
    # It cuts off what a C program seems not to use of its memory, where others may read zeros.
    "WAMR_BUILD_SHRUNK_MEMORY": "0",
    # The fast one wants SIMDe for it, which the package has not; the classic one cannot.
    "WAMR_BUILD_SIMD": "0",
    "WAMR_BUILD_LIB_SIMDE": "0",
}  # fmt: skip

INTERPRETERS: Mapping[str, Mapping[str, str]] = {
    "fast": {**_ALL, "WAMR_BUILD_FAST_INTERP": "1"},
    "classic": {
        **_ALL,
        **{f"WAMR_BUILD_{name}": "1" for name in ("EXCE_HANDLING", "MEMORY64", "MULTI_MEMORY")},
        "WAMR_BUILD_FAST_INTERP": "0",
    },
}
"""Interpreter → the settings of its build: every proposal that this one can have."""


def needs() -> str | None:
    """What must be installed before it can be built, in one line; None when all is here."""
    wanted = {
        "cargo": "cargo (Rust, by rustup), which fetches its source",
        "cmake": "CMake (Debian: apt-get install cmake)",
        "make": "make and a C compiler (Debian: apt-get install build-essential)",
        _compiler(): "a C compiler (Debian: apt-get install build-essential)",
    }
    missing = [say for program, say in wanted.items() if not shutil.which(program)]
    return f"WAMR is built from C: install {' and '.join(missing)}" if missing else None


def library(interpreter: str) -> Path | None:
    """What `build` has made of this source with this compiler (with any, where there is none any more)."""
    pattern = f"{_settings(interpreter)}-{_toolchain() or '*'}"
    return next(iter(sorted(cache_folder("wamr").glob(f"{pattern}/libiwasm.so"))), None)


def build(interpreter: str, log: Log) -> Path:
    """The library, built where it is not there yet (half a minute). Raises InstallError."""
    with locked("wamr"):
        if found := library(interpreter):
            return found
        if lacking := needs():
            raise InstallError(lacking)
        place = cache_folder("wamr") / f"{_settings(interpreter)}-{_toolchain()}"
        fresh = Path(tempfile.mkdtemp(dir=cache_folder("wamr"), prefix="build-"))
        try:
            # A copy: its CMake writes into the source, and cargo's folder is other projects', too.
            shutil.copytree(_source(log) / "wasm-micro-runtime", fresh / "source")
            settings = [f"-D{name}={value}" for name, value in INTERPRETERS[interpreter].items()]
            execute(["cmake", "-S", str(fresh / "source"), "-B", str(fresh / "made"), *settings], log)
            execute(["cmake", "--build", str(fresh / "made"), "--target", "vmlib", "--parallel", "2"], log)
            (fresh / "kept").mkdir()
            shutil.copy(fresh / "made" / "libiwasm.so", fresh / "kept")
            shutil.rmtree(place, ignore_errors=True)
            (fresh / "kept").rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return place / "libiwasm.so"


def _source(log: Log) -> Path:
    """The package that brings it, fetched and checked by cargo."""
    execute(["cargo", "fetch", "--locked", "--manifest-path", str(_MANIFEST)], log)
    command = ["cargo", "metadata", "--locked", "--offline", "--format-version", "1", "--manifest-path", str(_MANIFEST)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(f"cargo metadata: {done.stderr.strip().splitlines()[-1:]}")
    manifests = {package["name"]: package["manifest_path"] for package in json.loads(done.stdout)["packages"]}
    return Path(manifests[_PACKAGE]).parent


def _settings(interpreter: str) -> str:
    digest = hashlib.sha256(_MANIFEST.with_name("Cargo.lock").read_bytes())
    digest.update(json.dumps(INTERPRETERS[interpreter], sort_keys=True).encode())
    return f"{interpreter}-{platform.machine()}-{digest.hexdigest()[:12]}"


def _compiler() -> str:
    return os.environ.get("CC") or "cc"


@functools.cache
def _toolchain() -> str:
    """A hash of what the C compiler says of itself; empty without one."""
    try:
        said = subprocess.run([_compiler(), "--version"], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return hashlib.sha256(said).hexdigest()[:8]
