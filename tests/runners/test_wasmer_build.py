"""The build of wasmer's binding: its lock says what its sources say."""

from __future__ import annotations

import re
import tomllib

from runners.wasmer.runtime import BINDING, WASMER


def test_the_lock_says_what_the_sources_say() -> None:
    """The releases that the runner reports are those of Cargo.lock, and the target is named after them."""
    locked = {
        item["name"]: item["version"] for item in tomllib.loads((BINDING.folder / "Cargo.lock").read_text())["package"]
    }
    package = tomllib.loads((BINDING.folder / "Cargo.toml").read_text())["package"]["version"]
    wasix = re.search(r'WASIX: &str = "(.+)"', (BINDING.folder / "src" / "lib.rs").read_text())
    assert wasix is not None
    assert locked["wasmer"] == locked["wasm-matrix-wasmer"] == package
    assert locked["wasmer-wasix"] == wasix[1]
    assert package in WASMER.versions.values()
