"""A tiny builder of scripts, so that a case reads like its row in the issue's table.

ask = Ask(module)                                  # instantiates, and calls `_initialize` of a reactor
text, out = ask.put(b"abc"), ask.room(32)          # alloc in the module, and write
ask.call("sha256", text, 3, out)
ask.read(out, 32, {"bytes": digest})
"""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.case import Expect, Module, Script

__all__ = [
    "Ask",
    "Place",
    "Value",
    "dollar_module",
    "either",
    "f32",
    "f32_bits",
    "f64",
    "f64_bits",
    "gives",
    "i32",
    "i64",
    "nan",
    "noise",
]

dollar_module = "$module"
"""Stands for the module under test; the plug-in resolves it to a hash and a path."""

Value = dict[str, Any]


def noise(seed: object, length: int) -> bytes:
    """Random bytes, the same for the same seed, everywhere."""
    return random.Random(str(seed)).randbytes(length)


def i32(value: int) -> Value:
    """An i32, given signed or unsigned."""
    return {"type": "i32", "value": str(value & 0xFFFFFFFF)}


def i64(value: int) -> Value:
    """An i64, given signed or unsigned."""
    return {"type": "i64", "value": str(value & 0xFFFFFFFFFFFFFFFF)}


def f32_bits(bits: int) -> Value:
    """The f32 with these bits."""
    return {"type": "f32", "value": str(bits)}


def f64_bits(bits: int) -> Value:
    """The f64 with these bits."""
    return {"type": "f64", "value": str(bits)}


def f32(value: float) -> Value:
    """The f32 nearest to `value` (not for NaN, whose bits Python does not promise: see `f32_bits`)."""
    return f32_bits(int.from_bytes(struct.pack("<f", value), "little"))


def f64(value: float) -> Value:
    """The f64 `value` (not for NaN: see `f64_bits`)."""
    return f64_bits(int.from_bytes(struct.pack("<d", value), "little"))


def nan(type_: str, kind: str = "canonical") -> Value:
    """Any NaN that the standard lets an operator give, of either sign: `canonical`; or `arithmetic`, any quiet one."""
    return {"type": type_, "value": f"nan:{kind}"}


def either(*values: Value) -> Value:
    """Any of these values, in an expectation."""
    return {"any": list(values)}


def gives(*values: Value) -> Expect:
    """The expectation of exactly these results."""
    return {"values": list(values)}


@dataclass(frozen=True)
class Place:
    """An address that the module gave out (`alloc`'s result, bound by name), plus an offset in bytes."""

    bound: str
    offset: int = 0

    def __add__(self, offset: int) -> Place:
        return Place(self.bound, self.offset + offset)

    @property
    def address(self) -> dict[str, Any]:
        """As an address of `read` and `write`."""
        return {"bound": self.bound, "plus": self.offset}

    @property
    def value(self) -> Value:
        """As an argument."""
        return {"type": "i32", **self.address}


def _argument(argument: Place | Value | int) -> Value:
    if isinstance(argument, Place):
        return argument.value
    return i32(argument) if isinstance(argument, int) else argument


class Ask:
    """The script of one case, asked of `module`: each method adds a command. `commands` is the script so far."""

    def __init__(self, module: Module, *, instantiate: bool = True) -> None:
        self.module = module
        self.commands: Script = []
        self._places = 0
        if instantiate:
            self.instance()

    def add(self, command: dict[str, Any], expect: Expect | None = None) -> int:
        """Adds any command; gives its index, by which an expectation may speak of its result."""
        self.commands.append({**command, "expect": expect} if expect else command)
        return len(self.commands) - 1

    def instance(self, **more: Any) -> None:
        """A new instance of the module under test, ready to be asked."""
        self.add({"type": "module", "module": dollar_module, **more})
        if self.module.abi == "wasi-reactor":
            self.call("_initialize")

    def shared_memory(self, minimum: int, maximum: int) -> None:
        """A shared memory that the host makes and modules import as `env.memory`; sizes in pages."""
        self.add({"type": "memory", "as": ["env", "memory"], "minimum": minimum, "maximum": maximum, "shared": True})

    def start_workers(
        self, workers: int, arg: int, field: str = "thread_entry", expect: Expect | None = None, **more: Any
    ) -> None:
        """N workers that call the export with their number and `arg`; `more`: where their stacks and TLS areas lie."""
        self.add({"type": "spawn", "workers": workers, "field": field, "arg": i32(arg), **more}, expect)

    def join_workers(self, returns: Sequence[int], **expect: object) -> int:
        """The workers' end, and the i32 that each returns; gives the index of `join`."""
        values = [[i32(value)] for value in returns]
        return self.add({"type": "join"}, {"workers": {"values": values}, **expect})

    def call(
        self,
        field: str,
        *args: Place | Value | int,
        expect: Expect | None = None,
        results: tuple[str, ...] | None = None,
        bind: str | None = None,
    ) -> int:
        """Calls an export; plain integers are i32.

        `results` are its result types; left out, those of the expected values.
        """
        if results is None:
            wanted = expect.get("values", []) if expect else []
            results = tuple(value["any"][0]["type"] if "any" in value else value["type"] for value in wanted)
        action = {"type": "invoke", "field": field, "args": [_argument(argument) for argument in args]}
        command = {"type": "action", "action": action, "results": list(results)}
        return self.add({**command, "bind": bind} if bind else command, expect)

    def room(self, size: int) -> Place:
        """`size` bytes that the module allocates."""
        self._places += 1
        name = f"place{self._places}"
        self.call("alloc", size, results=("i32",), bind=name)
        return Place(name)

    def put(self, data: bytes) -> Place:
        """`data` in memory that the module allocates (16 bytes at least, so that an empty one has an address too)."""
        place = self.room(max(len(data), 16))
        self.write(place, data)
        return place

    def write(self, place: Place | int, data: bytes) -> None:
        """Bytes into linear memory; none at all for no bytes."""
        if data:
            self.add({"type": "write", "address": place.address if isinstance(place, Place) else place, "data": data})

    def read(self, place: Place | int, length: int, expect: Expect) -> int:
        """Bytes out of linear memory, and what they must be."""
        address = place.address if isinstance(place, Place) else place
        return self.add({"type": "read", "address": address, "length": length}, expect)
