"""The instructions by opcode: the proposals that each needs, and what follows it in the binary.

Format: WebAssembly core specification, section 5.4 (instructions), and the overviews of the proposals that are not in
it yet (github.com/WebAssembly/proposals). Names: docs/features.md.
"""

from __future__ import annotations

import re

__all__ = ["ARITHMETIC", "FIRST_VERSION", "INSTRUCTIONS", "PREFIXED", "Row"]

LEB = rb"[\x80-\xff]*+[\x00-\x7f]"

FIRST_VERSION = re.compile(
    rb"(?:[\x00\x01\x05\x0b\x0f\x1a\x1b\x45-\xbf]"  # no immediate
    rb"|[\x02-\x04][\x40\x7c-\x7f]"  # block, loop, if: without a type or with one result
    rb"|[\x0c\x0d\x10\x20-\x24\x41\x42]%b"  # an index or an integer
    rb"|[\x28-\x3e][\x00-\x3f]%b"  # memory 0: alignment, offset
    rb"|[\x3f\x40]\x00"  # size and growth of memory 0
    rb"|\x11%b\x00"  # call_indirect in table 0
    rb"|\x43.{4}|\x44.{8})*+" % (LEB, LEB, LEB),
    re.DOTALL,
)
"""A run of instructions as the first version of the standard encodes them: they need nothing, and are most of all."""

Row = tuple[str, str]
"""The proposals, in words, and what follows the opcode, a letter each.

i: an index or integer, m: a memory's alignment and offset, M: the index of a memory, T: of a table, b: a block's type,
h: a heap type, 1: a byte, s: 16 bytes, t: a list of value types, l: of labels, c: catch clauses, r: those of a resume.
"""

INSTRUCTIONS: dict[int, Row] = {
    **dict.fromkeys((0x02, 0x03, 0x04), ("", "b")),
    0x0E: ("", "li"),
    0x11: ("", "iT"),
    **dict.fromkeys(range(0x28, 0x3F), ("", "m")),
    **dict.fromkeys((0x3F, 0x40), ("", "M")),
    0x06: ("exceptions-legacy", "b"),
    **dict.fromkeys((0x07, 0x09, 0x18), ("exceptions-legacy", "i")),
    0x19: ("exceptions-legacy", ""),
    0x08: ("", "i"),  # throw: its tag tells
    0x0A: ("exceptions", ""),
    0x1F: ("exceptions", "bc"),
    0x12: ("tail-call", "i"),
    0x13: ("tail-call", "iT"),
    0x14: ("function-references", "i"),
    0x15: ("function-references tail-call", "i"),
    0x1C: ("reference-types", "t"),
    **dict.fromkeys((0x25, 0x26), ("reference-types", "i")),
    **dict.fromkeys(range(0xC0, 0xC5), ("sign-extension", "")),
    0xD0: ("reference-types", "h"),
    0xD1: ("reference-types", ""),
    0xD2: ("reference-types", "i"),
    0xD3: ("gc", ""),
    0xD4: ("function-references", ""),
    **dict.fromkeys((0xD5, 0xD6), ("function-references", "i")),
    **dict.fromkeys((0xE0, 0xE2), ("stack-switching", "i")),
    **dict.fromkeys((0xE1, 0xE6), ("stack-switching", "ii")),
    **dict.fromkeys((0xE3, 0xE5), ("stack-switching", "ir")),
    0xE4: ("stack-switching", "iir"),
}

PREFIXED: dict[int, dict[int, Row]] = {
    0xFB: {
        **dict.fromkeys((0x00, 0x01, 0x06, 0x07, 0x0B, 0x0C, 0x0D, 0x0E, 0x10), ("gc", "i")),
        **dict.fromkeys((0x02, 0x03, 0x04, 0x05, 0x08, 0x09, 0x0A, 0x11, 0x12, 0x13), ("gc", "ii")),
        **dict.fromkeys((0x0F, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E), ("gc", "")),
        **dict.fromkeys(range(0x14, 0x18), ("gc", "h")),
        **dict.fromkeys((0x18, 0x19), ("gc", "1ihh")),
        **dict.fromkeys((0x20, 0x21, 0x22), ("custom-descriptors", "i")),
        **dict.fromkeys((0x23, 0x24), ("custom-descriptors", "h")),
        **dict.fromkeys((0x25, 0x26), ("custom-descriptors", "1ihh")),
    },
    0xFC: {
        **dict.fromkeys(range(0x08), ("saturating-float-to-int", "")),
        0x08: ("bulk-memory", "iM"),
        0x09: ("bulk-memory", "i"),
        0x0A: ("bulk-memory", "MM"),
        0x0B: ("bulk-memory", "M"),
        0x0C: ("bulk-memory", "iT"),
        0x0D: ("bulk-memory", "i"),
        0x0E: ("bulk-memory", "TT"),
        **dict.fromkeys((0x0F, 0x10, 0x11), ("reference-types", "i")),
        **dict.fromkeys(range(0x13, 0x17), ("wide-arithmetic", "")),
        **dict.fromkeys((0x30, 0x31), ("half-precision", "m")),
    },
    0xFD: {
        **dict.fromkeys(range(0x100), ("simd", "")),
        **dict.fromkeys((*range(0x0C), 0x5C, 0x5D), ("simd", "m")),
        **dict.fromkeys((0x0C, 0x0D), ("simd", "s")),
        **dict.fromkeys(range(0x15, 0x23), ("simd", "1")),
        **dict.fromkeys(range(0x54, 0x5C), ("simd", "m1")),
        **dict.fromkeys(range(0x100, 0x114), ("relaxed-simd", "")),
        **dict.fromkeys((0x120, *range(0x130, 0x150)), ("half-precision", "")),
        **dict.fromkeys((0x121, 0x122), ("half-precision", "1")),
    },
    0xFE: {
        **dict.fromkeys((0x00, 0x01, 0x02, *range(0x10, 0x4F)), ("threads", "m")),
        0x03: ("threads", "1"),
        **dict.fromkeys((*range(0x4F, 0x5C), *range(0x67, 0x72)), ("shared-everything-threads", "1i")),
        **dict.fromkeys(range(0x5C, 0x67), ("shared-everything-threads", "1ii")),
    },
}

ARITHMETIC = (0x6A, 0x6B, 0x6C, 0x7C, 0x7D, 0x7E)
"""Of i32 and i64: what extended constant expressions may have besides."""
