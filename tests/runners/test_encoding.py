"""Values survive the way to a module and back on every runner: all bits of f32, f64, i32, i64, v128, NaNs' too."""

from __future__ import annotations

import math
import random
import struct
from typing import Any

import pytest

from modules.table import load
from runners.session import Session
from tests.conftest import CALLED, on_targets

MODULES = load().modules
WIDTHS = {"i32": 32, "i64": 64, "f32": 32, "f64": 64, "v128": 128}
EDGES: dict[str, list[int]] = {
    "i32": [0, 1, 2**31 - 1, 2**31, 2**32 - 1],
    "i64": [0, 1, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1],
    "f32": [
        0, 1 << 31, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001, 0x7FA00000, 0xFFFFFFFF, 1, 0x007FFFFF, 0x3F800000,
    ],
    "f64": [
        0, 1 << 63, 0x7FF0000000000000, 0x7FF8000000000000, 0x7FF0000000000001, 0xFFFFFFFFFFFFFFFF, 1,
        struct.unpack("<Q", struct.pack("<d", math.pi))[0],
    ],
    "v128": [0, 2**128 - 1, 1, 1 << 127, 0x7FF00000000000017FA00000FF800001],
}  # fmt: skip
COUNT = 400  # values of each type at random; every exponent of f32 beside


def value(kind: str, bits: int) -> dict[str, Any]:
    if kind == "v128":
        return {"type": kind, "lane_type": "i64", "value": [str(bits & (2**64 - 1)), str(bits >> 64)]}
    return {"type": kind, "value": str(bits)}


def patterns(kind: str) -> list[int]:
    """The edges, then bits at random (the same in each run), for f32 every sign and exponent with several fractions."""
    chance = random.Random(f"wasm-matrix {kind}")
    bits = [*EDGES[kind], *(chance.getrandbits(WIDTHS[kind]) for _ in range(COUNT))]
    if kind == "f32":
        bits += [high << 23 | chance.getrandbits(23) for high in range(512)]
    return bits


def module(session: Session, kind: str) -> dict[str, Any]:
    """The module that gives back values of a type; ends the test where the runtime cannot have them."""
    chosen = MODULES["wat-vectors" if kind == "v128" else "wat-values"]
    if lacking := set(chosen.features) - session.hello().features:
        pytest.skip(f"this runtime does not have {', '.join(lacking)}")
    return {"type": "module", "sha256": chosen.sha256, "path": str(chosen.path)}


def echo(session: Session, kind: str, bits: list[int]) -> list[Any]:
    script: list[dict[str, Any]] = [module(session, kind)]
    script += [
        {
            "type": "action",
            "action": {"type": "invoke", "field": f"{kind}", "args": [value(kind, one)]},
            "results": [kind],
        }
        for one in bits
    ]
    seen = session.run(script, 60)
    assert seen.end == "done", seen
    return [result.get("values", [result])[0] for result in seen.results[1:]]


@on_targets(CALLED)
@pytest.mark.parametrize("kind", WIDTHS)
def test_every_bit_survives(session: Session, kind: str) -> None:
    """Equal bits come back, whatever they mean."""
    bits = patterns(kind)
    assert echo(session, kind, bits) == [value(kind, one) for one in bits]


@on_targets(CALLED)
@pytest.mark.parametrize("kind", ["i8", "i16", "i32", "f32", "f64"])
def test_every_way_to_write_a_vector_is_read(session: Session, kind: str) -> None:
    """Lanes of any width are the same 128 bits."""
    width = {"i8": 8, "i16": 16, "i32": 32, "f32": 32, "f64": 64}[kind]
    bits = 0x0123456789ABCDEF_FEDCBA9876543210
    lanes = [str(bits >> shift & (2**width - 1)) for shift in range(0, 128, width)]
    argument = {"type": "v128", "lane_type": kind, "value": lanes}
    seen = session.run(
        [
            module(session, "v128"),
            {"type": "action", "action": {"type": "invoke", "field": "v128", "args": [argument]}, "results": ["v128"]},
        ],
        30,
    )
    assert seen.results[1]["values"] == [value("v128", bits)]
