"""The features of WebAssembly that runtimes are asked for, and the probe module of each.

A probe is a small module of which `probe: [] -> [i32]` answers 42 where the feature works; its text is `NAME.wat` here.
Those of JavaScript's API, which no module can ask, are tried by runners/javascript/api.js.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["FEATURES", "HERE", "PATH", "PROVIDER", "Feature", "digest", "load"]

HERE = Path(__file__).parent
PATH = HERE.with_suffix(".json")
PROVIDER = "provider"
"""The module that probes may import from, under this name; itself no probe."""


class Feature(NamedTuple):
    """`stands`: the version of the standard that has it, or the phase of its proposal; `api`: it is JavaScript's."""

    title: str
    stands: str
    api: bool = False


FEATURES: dict[str, Feature] = {
    "mutable-globals": Feature("Import and export of mutable globals", "1.0"),
    "saturating-float-to-int": Feature("Non-trapping float-to-int conversions", "2.0"),
    "sign-extension": Feature("Sign-extension operators", "2.0"),
    "multi-value": Feature("Multi-value", "2.0"),
    "bulk-memory": Feature("Bulk memory operations", "2.0"),
    "reference-types": Feature("Reference types", "2.0"),
    "simd": Feature("Fixed-width SIMD", "2.0"),
    "js-bigint": Feature("JavaScript BigInt to WebAssembly i64 integration", "2.0", api=True),
    "tail-call": Feature("Tail call", "3.0"),
    "extended-const": Feature("Extended constant expressions", "3.0"),
    "function-references": Feature("Typed function references", "3.0"),
    "gc": Feature("Garbage collection", "3.0"),
    "multi-memory": Feature("Multiple memories", "3.0"),
    "relaxed-simd": Feature("Relaxed SIMD", "3.0"),
    "branch-hinting": Feature("Branch hinting", "3.0"),
    "exceptions": Feature("Exception handling, with exnref", "3.0"),
    "memory64": Feature("Memory64", "3.0"),
    "table64": Feature("Memory64: tables", "3.0"),
    "js-string-builtins": Feature("JS string builtins", "3.0"),
    "threads": Feature("Threads", "phase 4"),
    "js-atomics": Feature("Threads: JavaScript's Atomics on a shared memory", "phase 4", api=True),
    "jspi": Feature("JS Promise Integration", "phase 4", api=True),
    "wide-arithmetic": Feature("Wide arithmetic", "phase 3"),
    "stack-switching": Feature("Stack switching", "phase 3"),
    "compact-import-section": Feature("Compact import section", "phase 3"),
    "custom-page-sizes": Feature("Custom page sizes", "phase 3"),
    "custom-descriptors": Feature("Custom descriptors", "phase 3"),
    "type-reflection": Feature("Type reflection for the JavaScript API", "phase 3", api=True),
    "esm-integration": Feature("ESM integration", "phase 3", api=True),
    "half-precision": Feature("Half precision", "phase 1"),
    "shared-everything-threads": Feature("Shared-everything threads", "phase 1"),
    "exceptions-legacy": Feature("Exception handling, before exnref", "legacy"),
    "js-wait-async": Feature("Atomics.waitAsync", "API", api=True),
    "resizable-buffers": Feature("Memory as a resizable ArrayBuffer", "API", api=True),
}
"""By the names that modules, cases and cells use; in the order of the table (docs/features.md)."""


@cache
def load() -> dict[str, bytes]:
    """The modules of features.json by name: the probes, and PROVIDER."""
    probes: dict[str, str] = json.loads(PATH.read_text("utf-8"))
    return {name: base64.b64decode(module) for name, module in probes.items()}


@cache
def digest() -> str:
    """Which probes these are: 12 hexadecimal digits of the hash of all modules, and of what tries JavaScript's API."""
    files = (PATH, HERE.parent / "javascript" / "api.js")
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
