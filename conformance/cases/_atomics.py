"""Atomic instructions on a memory, as the threads proposal defines them: the oracle of `atomics`.

WebAssembly/threads, Overview.md, "Atomic Memory Accesses": an access is as wide as its name says, what it gives is
zero-extended, what it takes is wrapped, the operand that `cmpxchg` expects, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.cases._script import Value, i32, i64

__all__ = ["INSTRUCTIONS", "OPERATIONS", "Instruction", "Outcome"]

OPERATIONS = ("load", "store", "add", "sub", "and", "or", "xor", "xchg", "cmpxchg")


@dataclass(frozen=True)
class Outcome:
    """What an instruction gives (None for a store) and what stands in memory after it."""

    result: int | None
    memory: bytes


@dataclass(frozen=True)
class Instruction:
    """`type` is that of its values, `width` the bytes that it accesses, which are also its alignment."""

    name: str
    operation: str
    type: str
    width: int

    @property
    def operands(self) -> int:
        """How many it takes besides the address."""
        return {"load": 0, "cmpxchg": 2}.get(self.operation, 1)

    @property
    def results(self) -> tuple[str, ...]:
        return () if self.operation == "store" else (self.type,)

    def value(self, bits: int) -> Value:
        """A value of its type."""
        return i32(bits) if self.type == "i32" else i64(bits)

    def on(self, memory: bytes, at: int, *operands: int) -> Outcome:
        """What it does at address `at` of `memory`."""
        mask = (1 << 8 * self.width) - 1
        old = int.from_bytes(memory[at : at + self.width], "little")
        given = [operand & mask for operand in operands]
        match self.operation:
            case "load":
                new = old
            case "add":
                new = old + given[0]
            case "sub":
                new = old - given[0]
            case "and":
                new = old & given[0]
            case "or":
                new = old | given[0]
            case "xor":
                new = old ^ given[0]
            case "cmpxchg":
                new = given[1] if old == given[0] else old
            case _:  # store, xchg
                new = given[0]
        after = memory[:at] + (new & mask).to_bytes(self.width, "little") + memory[at + self.width :]
        return Outcome(None if self.operation == "store" else old, after)


def _instruction(operation: str, type_: str, width: int) -> Instruction:
    narrow = width * 8 < int(type_[1:])
    bits = str(width * 8) if narrow else ""
    if operation in ("load", "store"):
        name = f"{type_}.atomic.{operation}{bits}"
    else:
        name = f"{type_}.atomic.rmw{bits}.{operation}"
    return Instruction(name + ("_u" if narrow and operation != "store" else ""), operation, type_, width)


INSTRUCTIONS = [
    _instruction(operation, type_, width)
    for operation in OPERATIONS
    for type_, widths in (("i32", (1, 2, 4)), ("i64", (1, 2, 4, 8)))
    for width in widths
]
"""All that access memory, but for wait and notify."""
