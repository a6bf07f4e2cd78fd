"""sha256: the digest of 0 bytes, of 1 byte, of lengths around the block's border, of 8 MiB; against hashlib."""

from __future__ import annotations

from hashlib import sha256

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, noise

__all__ = ["CASES"]

BORDERS = (55, 56, 57, 63, 64, 65, 119, 120)
"""A block has 64 bytes; padding takes 9 more, so that 55 is the last length that fits one block and 119 two."""


def _digests(module: Module, *messages: bytes) -> Script:
    ask = Ask(module)
    for message in messages:
        text, out = ask.put(message), ask.room(32)
        ask.call("sha256", text, len(message), out)
        ask.read(out, 32, {"bytes": sha256(message).digest(), "what": f"{len(message)} bytes"})
    return ask.commands


def _noise(module: Module, *lengths: int) -> Script:
    return _digests(module, *(noise(length, length) for length in lengths))


CASES = [
    Case("sha256/empty", "sha256", lambda m: _digests(m, b""), "the digest of no bytes"),
    Case("sha256/1-byte", "sha256", lambda m: _digests(m, b"a", b"\0", b"\xff"), "the digest of a single byte"),
    Case(
        "sha256/block-borders",
        "sha256",
        lambda m: _noise(m, *BORDERS),
        "lengths around the border of a block, where the padding takes a block more",
    ),
    Case("sha256/8-mib", "sha256", lambda m: _noise(m, 8 << 20), "the digest of 8 MiB", deadline=60),
]
