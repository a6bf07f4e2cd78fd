"""What `pip install .` installs runs outside of the checkout, compiled modules included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modules.table import load
from tests.conftest import ready

pytestmark = pytest.mark.xdist_group("package")

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed packages, without what they depend on."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(CHECKOUT)]
    subprocess.run(pip, check=True, timeout=300)
    return folder


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`wasm-matrix` as installed, in another folder; the checkout is not on its path."""
    return subprocess.run(
        [sys.executable, "-m", "conformance.cli", *arguments], cwd=folder, capture_output=True, text=True, check=False,
        timeout=300, env={**os.environ, "PYTHONPATH": str(installed), "COLUMNS": "200"},
    )  # fmt: skip


def test_it_brings_modules_matrix_and_what_runners_need(installed: Path) -> None:
    """Every file that the suite reads at run time; no sources of modules, no build folders."""
    for module in load().modules.values():
        assert (installed / "modules" / "dist" / module.path.name).stat().st_size == module.size
    for name in (
        "conformance/matrix.yaml", "conformance/cli/pytest.ini", "conformance/report/matrix.html.j2",
        "runners/workerd/config.capnp", "runners/workerd/handler.js",
        "runners/workerd/npm/1.20261117/package-lock.json",
        "modules/builds.yaml", "runners/features.json", "runners/javascript/package-lock.json",
        "runners/miniracer/host.js", "runners/miniracer/package-lock.json", "runners/wasmer/requirements-1.1.txt",
        "runners/wasmer/binding/Cargo.lock", "runners/wasmi/binding/src/lib.rs",
        "runners/rust/src/value.rs", "runners/wamr/source/Cargo.lock",
        "runners/wazero/host/go.sum", "runners/wazero/host/wazero/store.go",
        "runners/wasmtime/requirements-50.txt", "headers_server/profiles.yaml",
        "runners/chicory/pom.xml", "runners/chicory/jars.lock", "runners/chicory/java/matrix/runner/Server.java",
    ):  # fmt: skip
        assert (installed / name).is_file(), name
    assert not (installed / "modules" / "rust").exists()
    assert not list(installed.rglob("node_modules"))
    assert not (installed / "tests").exists()


def test_it_runs_outside_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    """A real cell on a real runtime, with the packaged matrix and modules."""
    ready("node-24")
    done = run(installed, tmp_path, "run", "--target", "node-24", "--case", "sha256/empty", "-n", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 pass" in done.stdout
    listed = run(installed, tmp_path, "list", "cells")
    assert "threads/barrier-4[rust]@chromium+isolated" in listed.stdout
