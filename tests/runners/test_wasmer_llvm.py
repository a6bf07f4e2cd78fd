"""The LLVM that wasmer's compiler of that name is built with: which one is taken, what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners import apt
from runners.runtime import InstallError
from runners.targets import parse_target
from runners.wasmer.llvm import LLVM
from runners.wasmer.runtime import BINDING, LLVM_BINDING, WASMER


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH, with an LLVM 22.1 that is complete, and a compiler that links anything."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv("LLVM_SYS_221_PREFIX", raising=False)
    monkeypatch.setattr(apt, "may_install", lambda: False)
    _config(tmp_path / "llvm-config-22", "22.1.8")
    _program(tmp_path / "cc", "exit 0")
    return tmp_path


def _program(path: Path, does: str) -> None:
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


def _config(path: Path, version: str, libraries: str = "echo -lLLVMCore -lzstd") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    answers = f"--version) echo {version};; --prefix) echo /llvm;; --libdir) echo /llvm/lib;; *) {libraries};;"
    _program(path, f'case "$1" in {answers} esac')


def test_the_machines_llvm_is_taken(machine: Path) -> None:
    """By its number first; by a plain llvm-config, if that is of the version; the one that is named before all."""
    assert LLVM.needs() is None
    assert LLVM.environment() == {"LLVM_SYS_221_PREFIX": "/llvm"}
    (machine / "llvm-config-22").rename(machine / "llvm-config")
    assert LLVM.here()


def test_the_llvm_that_is_named_is_the_only_one(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`LLVM_SYS_221_PREFIX`, as for the crate; where it names none, no other is taken for it."""
    monkeypatch.setenv("LLVM_SYS_221_PREFIX", str(machine / "own"))
    assert not LLVM.here()
    _config(machine / "own" / "bin" / "llvm-config", "22.1.0")
    assert LLVM.here()


@pytest.mark.parametrize(
    ("version", "libraries"), [("14.0.6", "echo -lLLVMCore"), ("22.1.8", "echo missing: libPolly.a >&2; exit 1")]
)
def test_another_llvm_or_half_of_one_is_none(machine: Path, version: str, libraries: str) -> None:
    """An old one, and one without its static libraries; what to install is said in one line."""
    _config(machine / "llvm-config-22", version, libraries)
    needs = LLVM.needs()
    assert needs == (
        "LLVM 22.1 with its static libraries (Debian: apt-get install llvm-22-dev libpolly-22-dev libzstd-dev)"
    )


def test_a_library_that_llvm_wants_is_missed(machine: Path) -> None:
    """llvm-config does not look for zstd: linking does."""
    _program(machine / "cc", "exit 1")
    assert not LLVM.here()


def test_root_is_offered_apt(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Setup installs the packages; where that brings no LLVM it says so instead of beginning a build."""
    (machine / "llvm-config-22").unlink()
    asked: list[str] = []
    monkeypatch.setattr(apt, "may_install", lambda: True)
    monkeypatch.setattr(apt, "install", lambda packages, _log: asked.extend(packages))
    assert LLVM.needs() is None
    with pytest.raises(InstallError, match=r"there is still no LLVM 22\.1 to link"):
        LLVM.install(print)
    assert asked == ["llvm-22-dev", "libpolly-22-dev", "libzstd-dev"]


def test_the_other_compilers_want_no_llvm() -> None:
    """It is a wheel of its own."""
    assert BINDING.library is None
    assert LLVM_BINDING.library is LLVM
    assert LLVM_BINDING.features == ("llvm",)


def test_1_1_has_no_such_mode() -> None:
    """Its package ends the process: the state says so, and setup too."""
    target = parse_target("wasmer-1.1+llvm", [])
    state = WASMER.state(target)
    assert state.kind == "missing"
    assert "ends the process" in state.say
    with pytest.raises(InstallError, match="ends the process"):
        WASMER.install(target, print)
