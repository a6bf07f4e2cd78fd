"""WAMR's messages in PROTOCOL.md's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runners.engine import Trap, UncaughtException

__all__ = ["failure"]

_KINDS: Mapping[str, Sequence[str]] = {
    "unreachable": ["unreachable"],
    "integer divide by zero": ["integer divide by zero"],
    "integer overflow": ["integer overflow"],
    "invalid conversion to integer": ["invalid conversion to integer"],
    "out of bounds memory access": ["out of bounds memory access"],
    "out of bounds table access": ["out of bounds table access"],
    "undefined element": ["undefined element"],
    "uninitialized element": ["uninitialized element"],
    "indirect call type mismatch": ["indirect call type mismatch"],
    "wasm operand stack overflow": ["call stack exhausted"],
    "native stack overflow": ["call stack exhausted"],
    "unaligned atomic": ["unaligned atomic"],
    "expected shared memory": ["expected shared memory"],
}
"""What WAMR's message of a trap has in it → the spec's words that it may stand for."""


def failure(message: str) -> Exception | None:
    """The trap or exception that a message tells of; None where it is another error."""
    if "uncaught wasm exception" in message:
        return UncaughtException(message)
    kinds = next((kinds for text, kinds in _KINDS.items() if text in message), None)
    return None if kinds is None else Trap(kinds, message)
