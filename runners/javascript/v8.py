"""V8's flags for features of WebAssembly, as `node --v8-options` of versions from 11.3 on shows them."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["FLAGS", "NAMES"]

NAMES: Mapping[str, str] = {
    "tail-call": "return-call",
    "extended-const": "extended-const",
    "function-references": "typed-funcref",
    "gc": "gc",
    "multi-memory": "multi-memory",
    "relaxed-simd": "relaxed-simd",
    "exceptions": "exnref",
    "memory64": "memory64",
    "table64": "memory64",
    "js-string-builtins": "imported-strings",
    "jspi": "jspi",
    "wide-arithmetic": "wide-arithmetic",
    "stack-switching": "wasmfx",
    "compact-import-section": "compact-imports",
    "custom-descriptors": "custom-descriptors",
    "type-reflection": "type-reflection",
    "half-precision": "fp16",
    "shared-everything-threads": "shared",
    "exceptions-legacy": "legacy-eh",
    "resizable-buffers": "rab-integration",
}
"""What V8 calls each feature. A version that knows a name no more has the feature always on, or took it out."""

FLAGS: Mapping[str, str] = {feature: f"--experimental-wasm-{name}" for feature, name in NAMES.items()}
"""By feature, as far as node and deno have them; V8 15.6, in Chromium 156, has `--wasm-` for `--experimental-wasm-`."""
