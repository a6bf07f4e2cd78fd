"""wasmi's runner beyond the protocol: what is wasmi's own, and what its page in docs says of it."""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from modules.table import load
from runners.check import Bench
from runners.wasmi.runtime import BINDING, WASMI

MODULES = load().modules
TARGET = "wasmi-2.0"


@pytest.fixture(scope="module")
def bench(command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """A bench with the runner."""
    with Bench(command_of(TARGET)) as bench:
        yield bench


def wasi(bench: Bench, *args: str, **grant: Any) -> dict[str, Any]:
    """How our Rust WASI module ends, asked for a verb, its output decoded."""
    file = bench.file(MODULES["rust-wasi"].path.read_bytes())
    (seen,) = bench.observe([{"type": "wasi", **file, "args": ["program", *args], **grant}]).results
    return {**seen, **{key: base64.b64decode(seen[key]) for key in ("stdout", "stderr") if key in seen}}


def test_the_lock_says_what_the_sources_say() -> None:
    """The release that the runner reports is that of Cargo.lock, and the target is named after it."""
    locked = {
        item["name"]: item["version"] for item in tomllib.loads((BINDING.folder / "Cargo.lock").read_text())["package"]
    }
    assert locked["wasmi"] == locked["wasmi_wasi"] == locked["wasm-matrix-wasmi"] == BINDING.release
    assert BINDING.release in WASMI.versions.values()


def test_it_says_what_it_is(bench: Bench) -> None:
    """The release, what it is built of, and the features that it has and has not."""
    assert (bench.hello.runtime, bench.hello.version) == ("wasmi", BINDING.release)
    assert {"simd", "relaxed-simd", "tail-call", "multi-memory", "memory64"} <= bench.hello.features
    assert not {"threads", "gc", "exceptions"} & bench.hello.features


def test_no_shared_memory_is_no_feature(bench: Bench) -> None:
    """A shared memory is refused as unsupported: the cell says so, and nothing has failed."""
    (seen,) = bench.observe([{"type": "memory", "as": ["a", "b"], "minimum": 1, "maximum": 1, "shared": True}]).results
    assert (seen["error"]["phase"], seen["error"]["name"]) == ("memory", "unsupported")


def test_large_exit_codes_are_refused(bench: Bench) -> None:
    """wasi-common takes 126 and more for a mistake; when this fails, its expectation in matrix.yaml can go."""
    assert wasi(bench, "exit", "125")["exit"] == 125
    assert "[0..126)" in wasi(bench, "exit", "126")["error"]["message"]
