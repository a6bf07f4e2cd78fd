"""The build of a binding of ours: what it needs, what it keeps, and when it builds anew."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners import maturin
from runners.maturin import Binding
from runners.runtime import InstallError, Log
from runners.wasmer.runtime import BINDING

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
    maturin._rustc.cache_clear()
    return folder


@pytest.fixture
def binding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Binding:
    """wasmer's, of a copy of its sources, with a cache of its own."""
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path / "cache"))
    runners = BINDING.folder.parents[1]
    for folder in (BINDING.folder, runners / "rust"):
        copy = tmp_path / folder.relative_to(runners)
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("target"))
    return dataclasses.replace(BINDING, folder=tmp_path / BINDING.folder.relative_to(runners))


@pytest.fixture(autouse=True)
def _forget_rustc() -> Iterator[None]:
    yield
    maturin._rustc.cache_clear()


def _program(path: Path, says: str) -> None:
    path.write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{says}END\n")
    path.chmod(0o755)


def _wheel(binding: Binding) -> Path:
    folder = binding._cache() / "wheels" / f"{binding._sources()}-{maturin._toolchain()}"
    folder.mkdir(parents=True)
    wheel = folder / "wasm_matrix_wasmer-7.4.2-cp310-abi3-linux_x86_64.whl"
    wheel.touch()
    return wheel


@pytest.mark.usefixtures("rust")
def test_nothing_is_needed_where_all_is_there(binding: Binding) -> None:
    """With Rust 1.95, cargo and a C compiler it can be built."""
    assert binding.needs() is None


@pytest.mark.parametrize(("lacking", "said"), [("rustc", "Rust 1.95"), ("cargo", "Rust 1.95"), ("cc", "C compiler")])
def test_what_is_needed_is_said_in_one_line(binding: Binding, rust: Path, lacking: str, said: str) -> None:
    """Each of Rust, cargo and the C compiler is named when it alone is missing."""
    (rust / lacking).unlink()
    needs = binding.needs()
    assert needs is not None
    assert said in needs
    assert "\n" not in needs


def test_an_old_rust_is_named(binding: Binding, rust: Path) -> None:
    """A Rust that is too old is told from none: the line says which one is here."""
    _program(rust / "rustc", HOST.replace("1.95", "1.90"))
    assert "this is 1.90" in (binding.needs() or "")


def test_building_without_rust_is_refused(binding: Binding, rust: Path) -> None:
    """`build` does not begin what cannot end, and says what is missing."""
    (rust / "rustc").unlink()
    with pytest.raises(InstallError, match=r"Rust 1\.95"):
        binding.build(print)


@pytest.mark.usefixtures("rust")
def test_a_wheel_is_kept_for_its_sources(binding: Binding) -> None:
    """What was built is found again, and not built again; after any change of the sources it is not found."""
    assert binding.built() is None
    wheel = _wheel(binding)
    assert binding.built() == wheel
    assert binding.build(print) == wheel
    shared = ("../../rust/Cargo.toml", "../../rust/src/value.rs")
    for name in ("Cargo.toml", "Cargo.lock", "pyproject.toml", "src/wasi.rs", *shared):
        before = (binding.folder / name).read_bytes()
        (binding.folder / name).write_bytes(before + b"\n")
        assert binding.built() is None, name
        (binding.folder / name).write_bytes(before)
    assert binding.built() == wheel


@pytest.mark.usefixtures("rust")
def test_a_wheel_is_kept_for_its_features(binding: Binding) -> None:
    """One with other features is another wheel."""
    _wheel(binding)
    assert dataclasses.replace(binding, features=("llvm",)).built() is None


class _Absent:
    """A library that is not there, and that cannot be brought."""

    name = "LLVM 22.1"

    def __init__(self, needs: str | None) -> None:
        self._needs = needs

    def here(self) -> bool:
        return False

    def needs(self) -> str | None:
        return self._needs

    def install(self, log: Log) -> None:  # noqa: ARG002
        raise InstallError("there is still no LLVM 22.1 to link")

    def environment(self) -> dict[str, str]:
        raise AssertionError("asked though it is not here")


@pytest.mark.usefixtures("rust")
def test_a_library_that_is_not_there_is_named(binding: Binding) -> None:
    """As what to install, or as what the installation brings; where that fails nothing is built."""
    lacking = dataclasses.replace(binding, library=_Absent("LLVM 22.1 (Debian: apt-get install llvm-22-dev)"))
    assert (state := lacking.state()).kind == "missing"
    assert state.say.endswith("install LLVM 22.1 (Debian: apt-get install llvm-22-dev)")
    brought = dataclasses.replace(binding, library=_Absent(None))
    assert (state := brought.state()).kind == "installable"
    assert "with Rust and LLVM 22.1, which apt-get installs" in state.say
    with pytest.raises(InstallError, match="still no LLVM"):
        brought.build(print)
    assert not list(binding._cache().glob("wheel-*"))


def test_a_wheel_is_kept_for_its_rust(binding: Binding, rust: Path) -> None:
    """Another Rust builds anew; without any Rust the wheel of whatever Rust serves."""
    wheel = _wheel(binding)
    _program(rust / "rustc", HOST.replace("1.95.0", "1.96.1"))
    maturin._rustc.cache_clear()
    assert binding.built() is None
    (rust / "rustc").unlink()
    maturin._rustc.cache_clear()
    assert binding.built() == wheel


@pytest.mark.usefixtures("rust")
def test_a_failed_build_leaves_nothing(binding: Binding, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that fails is no wheel, and its half-made folder is gone."""

    def fail(*_: object, **__: object) -> None:
        (next(binding._cache().glob("wheel-*")) / "half.whl").touch()
        raise InstallError("no space left on device")

    monkeypatch.setattr("runners.provision.Environment.install", lambda *_: None)
    monkeypatch.setattr(maturin, "execute", fail)
    with pytest.raises(InstallError, match="no space"):
        binding.build(print)
    assert binding.built() is None
    assert not list(binding._cache().glob("wheel-*"))
