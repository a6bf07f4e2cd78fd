"""modules/proposals.py: which proposals a module needs, found in its binary."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules import table
from modules.binary import MAGIC, BinaryError
from modules.proposals import features_of

MODULES = table.load().modules
EMPTY = b"\x60\x00\x00"  # the type of a function
MUTABLE = b"\x7f\x01\x41\x00\x0b"  # an i32 of 0
STRING_LENGTH = b"\x0ewasm:js-string\x06length\x00\x00"  # an import


def section(number: int, *entries: bytes) -> bytes:
    """A section that is a vector of entries, each of fewer than 128 bytes in all."""
    body = bytes([len(entries)]) + b"".join(entries)
    return bytes([number, len(body)]) + body


def module(*sections: bytes) -> bytes:
    return MAGIC + b"".join(sections)


def code(*instructions: int) -> bytes:
    """A module with one function of these instructions, decoded but perhaps not valid."""
    body = b"\x00" + bytes(instructions) + b"\x0b"
    return module(section(1, EMPTY), section(3, b"\x00"), section(10, bytes([len(body)]) + body))


@pytest.mark.parametrize("name", MODULES)
def test_what_builds_yaml_says_that_a_module_needs_is_what_is_in_it(name: str) -> None:
    """Neither more (cells would be lost) nor less (a red cell would not say which feature is lacking)."""
    assert set(MODULES[name].features) == features_of(MODULES[name].path.read_bytes())


NEEDS: list[tuple[str, bytes, str]] = [
    ("nothing", module(), ""),
    ("the first version's instructions", code(0x20, 0x00, 0x41, 0xFF, 0x7F, 0x6A, 0x0E, 0x01, 0x00, 0x00), ""),
    ("a constant whose bytes look like instructions", code(0x44, *b"\xfd\xfe\xfb\xfc\x12\x06\xd0\xe0", 0x1A), ""),
    ("a block with a result", code(0x02, 0x7F, 0x41, 0x00, 0x0B), ""),
    ("a block of a function's type", code(0x02, 0x00, 0x0B), "multi-value"),
    ("two results", module(section(1, b"\x60\x00\x02\x7f\x7f")), "multi-value"),
    ("a long index of table 0", code(0x11, 0x00, 0x80, 0x80, 0x00), "reference-types"),
    ("a load from memory 1", code(0x28, 0x42, 0x01, 0x00), "multi-memory"),
    ("an exported mutable global", module(section(6, MUTABLE), section(7, b"\x00\x03\x00")), "mutable-globals"),
    ("a mutable global of its own", module(section(6, MUTABLE)), ""),
    ("an imported mutable global", module(section(2, b"\x00\x00\x03\x7f\x01")), "mutable-globals"),
    ("a sum as an initial value", module(section(6, b"\x7f\x00\x41\x00\x41\x00\x6a\x0b")), "extended-const"),
    ("a shared memory", module(section(5, b"\x03\x01\x01")), "threads"),
    ("a memory of 64 bits", module(section(5, b"\x04\x01")), "memory64"),
    ("a table of 64 bits", module(section(4, b"\x70\x04\x01")), "table64"),
    ("pages of one byte", module(section(5, b"\x08\x01\x00")), "custom-page-sizes"),
    ("an atomic load", code(0xFE, 0x10, 0x02, 0x00), "threads"),
    ("a vector", code(0xFD, 0x0C, *range(16)), "simd"),
    ("a relaxed one", code(0xFD, 0x80, 0x02), "relaxed-simd"),
    ("a tail call", code(0x12, 0x00), "tail-call"),
    ("a tail call of a reference", code(0x15, 0x00), "tail-call function-references"),
    ("a throw alone", module(section(1, EMPTY), section(13, b"\x00\x00")), "exceptions"),
    ("try_table", code(0x1F, 0x40, 0x01, 0x00, 0x00, 0x00, 0x0B), "exceptions"),
    ("try", code(0x06, 0x40, 0x19, 0x0B), "exceptions-legacy"),
    ("a struct", module(section(1, b"\x5f\x01\x78\x00")), "gc"),
    ("a recursion of types", module(section(1, b"\x4e\x01\x50\x00\x5e\x7f\x00")), "gc"),
    ("a reference to a function of a type", module(section(1, EMPTY, b"\x60\x01\x64\x00\x00")), "function-references"),
    ("a sum of 128 bits", code(0xFC, 0x13), "wide-arithmetic"),
    ("a continuation", module(section(1, EMPTY, b"\x5d\x00")), "stack-switching"),
    ("suspend", code(0xE2, 0x00), "stack-switching"),
    ("a string's length", module(section(1, EMPTY), section(2, STRING_LENGTH)), "js-string-builtins"),
    ("a passive segment", module(section(11, b"\x01\x00")), "bulk-memory"),
    ("a custom section", module(b"\x00\x03\x01x\xfd"), ""),
]  # fmt: skip


@pytest.mark.parametrize(("wasm", "needs"), [row[1:] for row in NEEDS], ids=[row[0] for row in NEEDS])
def test_each_part_of_the_format_belongs_to_its_proposal(wasm: bytes, needs: str) -> None:
    """And the parts beside it are decoded in their full length."""
    assert features_of(wasm) == set(needs.split())


@pytest.mark.parametrize(
    ("wasm", "says"),
    [
        (b"\0asm\x0d\0\x01\0", "not a core WebAssembly module"),
        (code(0xFF), "instruction 0xff at offset"),
        (code(0xFD, 0xFF, 0x7F), "instruction 0xfd 0x3fff at offset"),
        (module(section(1, b"\x40")), "type form 0x40 at offset"),
        (module(b"\x01\xff\x01"), "unexpected end at offset"),
        (module(section(1) + b"\x0a\x02\x01\x7f"), "unexpected end at offset"),
        (module(b"\x01\x02\x00\x00"), "section 1 goes on at offset"),
        (module(section(2, b"\x01\xff\x00\x00\x00")), "not UTF-8 at offset"),
    ],
)
def test_what_cannot_be_decoded_says_where(wasm: bytes, says: str) -> None:
    """One line, with the offset in the file."""
    with pytest.raises(BinaryError, match=says):
        features_of(wasm)


@settings(deadline=None)  # a busy machine is no fault of the decoder
@given(at=st.integers(8, len(MODULES["emscripten-eh"].path.read_bytes()) - 1), byte=st.integers(0, 255))
def test_a_damaged_module_is_decoded_or_refused(at: int, byte: int) -> None:
    """A user's own file may be anything: no other exception, no endless loop."""
    wasm = bytearray(MODULES["emscripten-eh"].path.read_bytes())
    wasm[at] = byte
    for damaged in (bytes(wasm), bytes(wasm[:at])):
        with suppress(BinaryError):
            features_of(damaged)
