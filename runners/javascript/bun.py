"""bun: its executable from npm, its own `node:` modules."""

from __future__ import annotations

from runners.javascript.packaged import Packaged

__all__ = ["BUN"]

BUN = Packaged(
    name="bun",
    versions={"1.4": "1.4.5"},
    places={"x86_64": "@oven/bun-linux-x64/bin/bun", "aarch64": "@oven/bun-linux-aarch64/bin/bun"},
    host="bun.js",
    oldest="1.0",  # older ones cannot load our program
    # Neither `.env` of the folder it is started in, nor packages that it would fetch.
    arguments=("--no-install", "--no-env-file"),
    environment={"DO_NOT_TRACK": "1", "NO_COLOR": "1"},
    # JavaScriptCore's options that `strings` finds in the program.
    flags={
        feature: f"BUN_JSC_{option}=1"
        for feature, option in {
            "tail-call": "useWasmTailCalls",
            "multi-memory": "useWasmMultiMemory",
            "relaxed-simd": "useWasmRelaxedSIMD",
            "memory64": "useWasmMemory64",
            "table64": "useWasmMemory64",
            "js-string-builtins": "useWasmJSStringBuiltins",
            "jspi": "useJSPI",
            "wide-arithmetic": "useWasmWideArithmetic",
            "type-reflection": "useWasmJSTypes",
            "resizable-buffers": "useWasmMemoryToBufferAPIs",
        }.items()
    },
)
