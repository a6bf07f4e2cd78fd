"""The build of wasmer's binding: what it needs, what it keeps, and that its lock says what its sources say."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners.runtime import InstallError
from runners.wasmer import build
from runners.wasmer.runtime import WASMER

BINDING = Path(build.__file__).parent / "binding"
HOST = "rustc 1.95.0 (0123456 2026-04-14)\nhost: x86_64-unknown-linux-gnu\n"


@pytest.fixture
def rust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH, with a `rustc` 1.95, a `cargo` and a `cc` that do nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    _program(folder / "rustc", HOST)
    for name in ("cargo", "cc"):
        _program(folder / name, "")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CC", raising=False)
    build._rustc.cache_clear()
    return folder


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the binding's sources, which `build` takes for the real ones."""
    copy = tmp_path / "binding"
    shutil.copytree(BINDING, copy, ignore=shutil.ignore_patterns("target"))
    monkeypatch.setattr(build, "_BINDING", copy)
    return copy


@pytest.fixture(autouse=True)
def _forget_rustc() -> Iterator[None]:
    yield
    build._rustc.cache_clear()


def _program(path: Path, says: str) -> None:
    path.write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{says}END\n")
    path.chmod(0o755)


def _wheel(cache: Path) -> Path:
    folder = cache / "wheels" / f"{build._sources()}-{build._toolchain()}"
    folder.mkdir(parents=True)
    wheel = folder / "wasm_matrix_wasmer-7.4.2-cp310-abi3-linux_x86_64.whl"
    wheel.touch()
    return wheel


@pytest.mark.usefixtures("rust")
def test_nothing_is_needed_where_all_is_there() -> None:
    """With Rust 1.95, cargo and a C compiler it can be built."""
    assert build.needs() is None


@pytest.mark.parametrize(("lacking", "said"), [("rustc", "Rust 1.95"), ("cargo", "Rust 1.95"), ("cc", "C compiler")])
def test_what_is_needed_is_said_in_one_line(rust: Path, lacking: str, said: str) -> None:
    """Each of Rust, cargo and the C compiler is named when it alone is missing."""
    (rust / lacking).unlink()
    needs = build.needs()
    assert needs is not None
    assert said in needs
    assert "\n" not in needs


def test_an_old_rust_is_named(rust: Path) -> None:
    """A Rust that is too old is told from none: the line says which one is here."""
    _program(rust / "rustc", HOST.replace("1.95", "1.90"))
    assert "this is 1.90" in (build.needs() or "")


def test_building_without_rust_is_refused(rust: Path, tmp_path: Path) -> None:
    """`build` does not begin what cannot end, and says what is missing."""
    (rust / "rustc").unlink()
    with pytest.raises(InstallError, match=r"Rust 1\.95"):
        build.build(tmp_path / "cache", print)


@pytest.mark.usefixtures("rust")
def test_a_wheel_is_kept_for_its_sources(sources: Path, tmp_path: Path) -> None:
    """What was built is found again, and not built again; after any change of the sources it is not found."""
    cache = tmp_path / "cache"
    assert build.built(cache) is None
    wheel = _wheel(cache)
    assert build.built(cache) == wheel
    assert build.build(cache, print) == wheel
    for name in ("Cargo.toml", "Cargo.lock", "pyproject.toml", "src/wasi.rs"):
        before = (sources / name).read_bytes()
        (sources / name).write_bytes(before + b"\n")
        assert build.built(cache) is None, name
        (sources / name).write_bytes(before)
    assert build.built(cache) == wheel


@pytest.mark.usefixtures("sources")
def test_a_wheel_is_kept_for_its_rust(rust: Path, tmp_path: Path) -> None:
    """Another Rust builds anew; without any Rust the wheel of whatever Rust serves."""
    cache = tmp_path / "cache"
    wheel = _wheel(cache)
    _program(rust / "rustc", HOST.replace("1.95.0", "1.96.1"))
    build._rustc.cache_clear()
    assert build.built(cache) is None
    (rust / "rustc").unlink()
    build._rustc.cache_clear()
    assert build.built(cache) == wheel


@pytest.mark.usefixtures("rust")
def test_a_failed_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that fails is no wheel, and its half-made folder is gone."""
    cache = tmp_path / "cache"

    def fail(*_: object, **__: object) -> None:
        (next(cache.glob("wheel-*")) / "half.whl").touch()
        raise InstallError("no space left on device")

    monkeypatch.setattr("runners.provision.Environment.install", lambda *_: None)
    monkeypatch.setattr(build, "execute", fail)
    with pytest.raises(InstallError, match="no space"):
        build.build(cache, print)
    assert build.built(cache) is None
    assert not list(cache.glob("wheel-*"))


def test_the_lock_says_what_the_sources_say() -> None:
    """The releases that the runner reports are those of Cargo.lock, and the target is named after them."""
    locked = {item["name"]: item["version"] for item in tomllib.loads((BINDING / "Cargo.lock").read_text())["package"]}
    package = tomllib.loads((BINDING / "Cargo.toml").read_text())["package"]["version"]
    wasix = re.search(r'WASIX: &str = "(.+)"', (BINDING / "src" / "lib.rs").read_text())
    assert wasix is not None
    assert locked["wasmer"] == locked["wasm-matrix-wasmer"] == package
    assert locked["wasmer-wasix"] == wasix[1]
    assert package in WASMER.versions.values()
