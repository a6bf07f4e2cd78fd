"""The names of targets: pinned versions, any version where a runtime allows it, modes."""

from __future__ import annotations

import pytest

from runners.runtime import Target
from runners.targets import UnknownTarget, parse_target


@pytest.mark.parametrize(
    ("name", "version", "mode"),
    [
        ("wasmtime-50", "50", None),
        ("wasmtime-44.0.0+fuel", "44.0.0", "fuel"),
        ("node-22", "22", None),
        ("node-18+no-liftoff", "18", "no-liftoff"),
        ("bun-1.2", "1.2", None),
    ],
)
def test_any_version_may_be_named(name: str, version: str, mode: str | None) -> None:
    """Where the runtime's versions are open, with each of its modes."""
    assert parse_target(name, []) == Target(name, name.partition("-")[0], version, mode)


@pytest.mark.parametrize(
    "name",
    [
        "wasmtime",
        "wasmtime-x",
        "wasmtime-44+fast",
        "wasmtime-44.",
        "wasmer-7.3+cranelift",
        "chromium-150",
        "deno-2.4+x",
    ],
)
def test_what_is_no_target_is_refused(name: str) -> None:
    """A version is digits and dots, a mode one that there is; a closed runtime has its pinned versions alone."""
    with pytest.raises(UnknownTarget, match=r"did you mean|known: "):
        parse_target(name, ["isolated"])
