"""Types of functions, and values as WAMR's calls take them: in cells of 32 bits, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from ctypes import c_uint8, c_uint32
from dataclasses import dataclass
from typing import Any

from runners.engine import Value

__all__ = ["CELLS", "Signature", "call", "exported", "imported", "name_of"]

_TYPES: Mapping[int, str] = {0: "i32", 1: "i64", 2: "f32", 3: "f64", 4: "v128", 128: "externref", 129: "funcref"}
"""`wasm_valkind_t` → the name of the type."""

CELLS: Mapping[str, int] = {"i32": 1, "i64": 2, "f32": 1, "f64": 2, "v128": 4, "externref": 2, "funcref": 1}
"""Cells of an argument or a result."""


@dataclass(frozen=True)
class Signature:
    """A function's type, by the names of its types."""

    params: tuple[str, ...]
    results: tuple[str, ...]


def name_of(number: int) -> str:
    """The name of a `wasm_valkind_t`."""
    return _TYPES.get(number, f"type {number}")


def imported(library: Any, type_: int) -> Signature:
    """The type of a function that is imported. (WAMR 2.4.3 does not tell an externref among the results.)"""

    def types(what: str) -> tuple[str, ...]:
        count = getattr(library, f"wasm_func_type_get_{what}_count")(type_)
        ask = getattr(library, f"wasm_func_type_get_{what}_valkind")
        return tuple(name_of(ask(type_, index)) for index in range(count))

    return Signature(types("param"), types("result"))


def exported(library: Any, function: int, instance: int) -> Signature:
    """The type of an instance's function."""

    def types(what: str) -> tuple[str, ...]:
        found = (c_uint8 * getattr(library, f"wasm_func_get_{what}_count")(function, instance))()
        getattr(library, f"wasm_func_get_{what}_types")(function, instance, found)
        return tuple(name_of(number) for number in found)

    return Signature(types("param"), types("result"))


def call(function: Callable[[int, Any], None], args: Sequence[Value], results: Sequence[str]) -> list[Value]:
    """What `function` gives: it takes how many cells its arguments have, and the cells, which then hold its results."""
    given = sum(CELLS[value.type] for value in args)
    cells = (c_uint32 * max(given, sum(CELLS[kind] for kind in results), 1))()
    at = 0
    for value in args:
        at = _put(cells, at, value)
    function(given, cells)
    values, at = [], 0
    for kind in results:
        values.append(_take(cells, at, kind))
        at += CELLS[kind]
    return values


def _put(cells: Any, at: int, value: Value) -> int:
    """Writes a value from the cell `at` on; the cell after it. References: the host's number + 1, or all ones."""
    bits = value.bits
    count = CELLS[value.type]
    if value.type == "externref":
        bits = (1 << 64) - 1 if bits < 0 else bits + 1
    elif value.type == "funcref" and bits < 0:
        bits = (1 << 32) - 1
    for index in range(count):
        cells[at + index] = bits >> (32 * index) & 0xFFFFFFFF
    return at + count


def _take(cells: Any, at: int, kind: str) -> Value:
    bits = sum(cells[at + index] << (32 * index) for index in range(CELLS[kind]))
    if kind == "externref":
        bits -= 1  # null comes back as 0
    elif kind == "funcref" and bits == (1 << 32) - 1:
        bits = -1
    return Value(kind, bits)
