"""The probe modules of features: a small module each, which an engine validates when it has the feature, and only then.

`features.json` (name → base64) is what runners read; it is made from the text here, with wasmtime's `wat2wasm`:

    python -m runners.features            # compare features.json with the text: exit code 1 where they differ
    python -m runners.features --write
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

__all__ = ["PATH", "TEXTS", "build", "load"]

PATH = Path(__file__).parent / "features.json"

TEXTS: dict[str, str] = {
    "mutable-globals": '(module (global (export "g") (mut i32) (i32.const 0)))',
    "sign-extension": "(module (func (param i32) (result i32) (i32.extend8_s (local.get 0))))",
    "saturating-float-to-int": "(module (func (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0))))",
    "multi-value": "(module (func (result i32 i32) (i32.const 0) (i32.const 1)))",
    "bulk-memory": "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))",
    "reference-types": """(module (table 1 externref)
        (func (param externref) (table.set (i32.const 0) (local.get 0))))""",
    "simd": "(module (func (result v128) (i8x16.splat (i32.const 0))))",
    "relaxed-simd": """(module
        (func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1))))""",
    "threads": """(module (memory 1 1 shared)
        (func (result i32) (memory.atomic.notify (i32.const 0) (i32.const 1))))""",
    "exceptions": """(module (tag $t (param i32))
        (func (result i32) (block $h (result i32) (try_table (catch $t $h) (throw $t (i32.const 1))) (i32.const 0)))
        (func
          (block $h (result exnref) (try_table (catch_all_ref $h) (throw $t (i32.const 1))) (return)) (throw_ref)))""",
    "exceptions-legacy": "(module (tag $t) (func try throw $t catch $t catch_all rethrow 0 end))",
    "tail-call": "(module (func $f (return_call $f)))",
    "extended-const": "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
    "multi-memory": "(module (memory 1) (memory $b 1) (func (result i32) (i32.load $b (i32.const 0))))",
    "memory64": "(module (memory i64 1) (func (result i32) (i32.load (i64.const 0))))",
    "gc": "(module (type $s (struct (field (mut i32)))) (func (result (ref $s)) (struct.new $s (i32.const 1))))",
}
"""By the names that modules and cases use (PROTOCOL.md, `features`)."""


def build() -> dict[str, str]:
    """The probe modules in base64, by name. Errors: ImportError without wasmtime."""
    from wasmtime import wat2wasm

    return {name: base64.b64encode(bytes(wat2wasm(text))).decode() for name, text in TEXTS.items()}


def load() -> dict[str, bytes]:
    """The probe modules of features.json, by name."""
    probes: dict[str, str] = json.loads(PATH.read_text("utf-8"))
    return {name: base64.b64decode(module) for name, module in probes.items()}


def main(arguments: list[str]) -> int:
    """Writes features.json, or tells whether it is as the text says."""
    text = json.dumps(build(), indent=2) + "\n"
    if arguments == ["--write"]:
        PATH.write_text(text, "utf-8")
        return 0
    if PATH.read_text("utf-8") != text:
        sys.stderr.write("features.json is not what its text gives: python -m runners.features --write\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
