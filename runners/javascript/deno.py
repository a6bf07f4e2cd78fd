"""deno: its executable from npm, its own `node:` modules."""

from __future__ import annotations

from runners.javascript.packaged import Packaged
from runners.javascript.v8 import FLAGS

__all__ = ["DENO"]

DENO = Packaged(
    name="deno",
    versions={"2.9": "2.9.5"},
    places={"x86_64": "@deno/linux-x64-glibc/deno", "aarch64": "@deno/linux-arm64-glibc/deno"},
    host="deno.js",
    oldest="2.1",  # older ones end before they have answered
    # No configuration of a folder around it, nothing from the network, nothing of a cache of its own.
    arguments=(
        "run",
        "--quiet",
        "--allow-all",
        "--no-config",
        "--no-lock",
        "--no-remote",
        "--no-npm",
        "--no-code-cache",
        # MiB. With V8's own limit the young generation grows in steps over tens of thousands of scripts, like a leak.
        "--v8-flags=--max-semi-space-size=2",
    ),
    environment={"DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
    flags={feature: f"--v8-flags={flag}" for feature, flag in FLAGS.items()},
)
