"""A binding of ours, built with Rust: once, kept by what it was built from, and an environment for its wheel.

`folder` holds a Rust package (PyO3, stable ABI) that maturin makes a wheel of, with the crates of its `Cargo.lock`, and
those of ours that its `Cargo.toml` names by their path.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from runners.provision import Environment, cache_folder, execute, locked
from runners.runtime import InstallError, Log, State

__all__ = ["Binding", "Library"]

_MATURIN = Path(__file__).with_name("requirements-build.txt")


class Library(Protocol):
    """What a build wants of the machine beside Rust and a C compiler."""

    @property
    def name(self) -> str: ...
    def here(self) -> bool: ...
    def needs(self) -> str | None:
        """What the user must install, as a part of a line; None where it is here, or where `install` can bring it."""
        ...

    def install(self, log: Log) -> None:
        """Brings it, where it is not here. Raises InstallError."""
        ...

    def environment(self) -> Mapping[str, str]:
        """Variables of the build; only where it is here."""
        ...


@dataclass(frozen=True)
class Binding:
    """The binding of one release of an engine.

    `minutes` are its build's on two cores. `features` are those of its Cargo.toml in place of the default ones: another
    wheel.
    """

    engine: str
    release: str
    folder: Path
    minutes: int
    features: tuple[str, ...] = ()
    library: Library | None = None

    def state(self) -> State:
        """Whether it is here, can be built here, or what must be installed first."""
        wheel = self.built()
        if wheel and self._environment(wheel).ready:
            return State("ready", f"{self.engine} {self.release}, our binding")
        if not wheel and (needs := self.needs()):
            return State("missing", needs)
        tools = "Rust"
        if self.library:
            tools += f" and {self.library.name}" + ("" if self.library.here() else ", which apt-get installs")
        once = f"({self.minutes} minutes on two cores, once)"
        return State(
            "installable",
            f"build our binding of {self.engine} {self.release} with {tools} {once}",
            minutes=0 if wheel else self.minutes,
        )

    def install(self, log: Log) -> None:
        """Builds the wheel and its environment, each where it is not there. Raises InstallError."""
        with locked(self.engine):
            wheel = self.built() or self.build(log)
        self._environment(wheel).install(log)

    def environment(self) -> Environment:
        """Where it is installed; only when the state is ready."""
        wheel = self.built()
        assert wheel
        return self._environment(wheel)

    def _environment(self, wheel: Path) -> Environment:
        version = ".".join(self.release.split(".")[:2])
        return Environment("-".join([self.engine, version, *self.features]), wheels=[wheel])

    def needs(self) -> str | None:
        """What must be installed before it can be built, in one line; None when all is here."""
        wanted = tomllib.loads((self.folder / "Cargo.toml").read_text())["package"]["rust-version"]
        missing = []
        found = re.match(r"rustc (\d+)\.(\d+)", _rustc())
        if not found or not shutil.which("cargo"):
            missing.append(f"Rust {wanted} or newer (by rustup)")
        elif tuple(map(int, found.groups())) < tuple(map(int, wanted.split("."))):
            missing.append(f"Rust {wanted} or newer (this is {'.'.join(found.groups())}; `rustup update` brings it)")
        if not shutil.which(os.environ.get("CC") or "cc"):
            missing.append("a C compiler (Debian: apt-get install build-essential)")
        if self.library and (library := self.library.needs()):
            missing.append(library)
        return f"{self.engine}'s binding is built with Rust: install {' and '.join(missing)}" if missing else None

    def built(self) -> Path | None:
        """The wheel that `build` has made of these sources with this Rust; with any, where there is none any more."""
        pattern = f"{self._sources()}-{_toolchain() if _rustc() else '*'}"
        return next(iter(sorted((self._cache() / "wheels").glob(f"{pattern}/*.whl"))), None)

    def build(self, log: Log) -> Path:
        """The wheel, built where it is not there yet (less work after a change of ours). Raises InstallError.

        The cache keeps the wheels, and cargo's own folder for the next build. One process at a time."""
        if wheel := self.built():
            return wheel
        if lacking := self.needs():
            raise InstallError(lacking)
        settings: Mapping[str, str] = {}
        if self.library:
            self.library.install(log)
            settings = self.library.environment()
        features = ["--no-default-features", "--features", ",".join(self.features)] if self.features else []
        maturin = Environment("maturin", _MATURIN)
        maturin.install(log)
        cache = self._cache()
        place = cache / "wheels" / f"{self._sources()}-{_toolchain()}"
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=cache, prefix="wheel-"))
        try:
            execute(
                [*_politely(), str(maturin.python), "-m", "maturin", "build", "--release", "--locked",
                 "--manifest-path", str(self.folder / "Cargo.toml"), "--interpreter", str(maturin.python),
                 "--auditwheel", "skip", "--out", str(fresh), *features],
                log,
                environment={"CARGO_TARGET_DIR": str(cache / "target"), "CARGO_TERM_COLOR": "never", **settings},
            )  # fmt: skip
            if not any(fresh.glob("*.whl")):
                raise InstallError("maturin made no wheel")
            fresh.rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return next(place.glob("*.whl"))

    def _cache(self) -> Path:
        return cache_folder(self.engine)

    def _sources(self) -> str:
        digest = hashlib.sha256(" ".join(self.features).encode())
        manifest = tomllib.loads((self.folder / "Cargo.toml").read_text())
        crates = [
            item["path"] for item in manifest["dependencies"].values() if isinstance(item, dict) and "path" in item
        ]
        settings = [self.folder / name for name in ("Cargo.toml", "Cargo.lock", "pyproject.toml")]
        settings += [self.folder / crate / "Cargo.toml" for crate in crates]
        sources = [path for crate in (".", *crates) for path in sorted((self.folder / crate).glob("src/*.rs"))]
        for path in [_MATURIN, *settings, *sources]:
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
        return digest.hexdigest()[:16]


def _politely() -> list[str]:
    # It takes minutes, beside cells whose times are measured.
    return ["nice", "-n", "10"] if shutil.which("nice") else []


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
