"""The probe modules of features: a small module each, whose `probe: [] -> [i32]` answers 42 where the feature works.

`features.json` (name → base64) is made from the text here, with wasmtime's `wat2wasm`:

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
    "mutable-globals": """(module (global $g (export "g") (mut i32) (i32.const 0))
        (func (export "probe") (result i32) (global.set $g (i32.const 42)) (global.get $g)))""",
    "sign-extension": """(module
        (func (export "probe") (result i32) (i32.add (i32.extend8_s (i32.const 0xff)) (i32.const 43))))""",
    "saturating-float-to-int": """(module
        (func (export "probe") (result i32)
          (i32.sub (i32.trunc_sat_f32_s (f32.const 1e30)) (i32.const 0x7fffffd5))))""",
    "multi-value": """(module
        (func $two (result i32 i32) (i32.const 44) (i32.const 2))
        (func (export "probe") (result i32) (i32.sub (call $two))))""",
    "bulk-memory": """(module (memory 1)
        (func (export "probe") (result i32)
          (memory.fill (i32.const 0) (i32.const 42) (i32.const 1))
          (memory.copy (i32.const 8) (i32.const 0) (i32.const 1))
          (i32.load8_u (i32.const 8))))""",
    "reference-types": """(module (table $t 1 externref)
        (func (export "probe") (result i32)
          (drop (table.grow $t (ref.null extern) (i32.const 40)))
          (table.set $t (i32.const 40) (ref.null extern))
          (i32.add (table.size $t) (ref.is_null (table.get $t (i32.const 40))))))""",
    "simd": """(module
        (func (export "probe") (result i32)
          (i8x16.extract_lane_u 15 (i8x16.add (i8x16.splat (i32.const 40)) (i8x16.splat (i32.const 2))))))""",
    "relaxed-simd": """(module
        (func (export "probe") (result i32)
          (i8x16.extract_lane_u 3
            (i8x16.relaxed_swizzle
              (v128.const i8x16 0 0 0 0 0 42 0 0 0 0 0 0 0 0 0 0) (i8x16.splat (i32.const 5))))))""",
    "threads": """(module (memory 1 1 shared)
        (func (export "probe") (result i32)
          (i32.atomic.store (i32.const 8) (i32.const 40))
          (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 2)))
          (i32.add (memory.atomic.notify (i32.const 8) (i32.const 1)) (i32.atomic.load (i32.const 8)))))""",
    "exceptions": """(module (tag $t (param i32))
        (func $again
          (block $h (result exnref) (try_table (catch_all_ref $h) (throw $t (i32.const 42))) (return)) (throw_ref))
        (func (export "probe") (result i32)
          (block $h (result i32) (try_table (catch $t $h) (call $again)) (i32.const 0))))""",
    "exceptions-legacy": """(module (tag $t (param i32))
        (func (export "probe") (result i32)
          try (result i32)
            try (result i32) i32.const 42 throw $t catch_all rethrow 0 end
          catch $t
          end))""",
    "tail-call": """(module
        (func $down (param i32) (result i32)
          (if (result i32) (i32.eqz (local.get 0))
            (then (i32.const 42))
            (else (return_call $down (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "probe") (result i32) (call $down (i32.const 1000000))))""",
    "extended-const": """(module (global $g i32 (i32.add (i32.const 40) (i32.const 2)))
        (func (export "probe") (result i32) (global.get $g)))""",
    "multi-memory": """(module (memory 1) (memory $b 1)
        (func (export "probe") (result i32)
          (i32.store $b (i32.const 0) (i32.const 42))
          (i32.add (i32.load (i32.const 0)) (i32.load $b (i32.const 0)))))""",
    "memory64": """(module (memory i64 1)
        (func (export "probe") (result i32)
          (i32.store (i64.const 8) (i32.const 42))
          (i32.load (i64.const 8))))""",
    "gc": """(module (type $s (struct (field (mut i32))))
        (func (export "probe") (result i32)
          (struct.get $s 0 (ref.cast (ref $s) (struct.new $s (i32.const 42))))))""",
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
