"""modules/binary.py: what a module declares at its border."""

from __future__ import annotations

import pytest

from modules.binary import BinaryError, read_border

MAGIC = b"\0asm\x01\0\0\0"


def section(number: int, *entries: bytes) -> bytes:
    """A section that is a vector of entries, each of fewer than 128 in all."""
    body = bytes([len(entries)]) + b"".join(entries)
    return bytes([number, len(body)]) + body


def name(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


FUNCTIONS = section(1, b"\x60\x02\x7f\x7e\x01\x7c", b"\x60\x01\x7f\x00")


def test_imports_and_exports_are_read_with_their_types() -> None:
    """Indices of functions, memories and tags count the imports first."""
    imports = section(
        2,
        name("env") + name("memory") + b"\x02\x03\x20\x80\x02",
        name("env") + name("f") + b"\x00\x00",
        name("env") + name("t") + b"\x04\x00\x01",
    )
    exports = section(
        7,
        name("memory") + b"\x02\x00",
        name("imported") + b"\x00\x00",
        name("own") + b"\x00\x01",
        name("tag") + b"\x04\x01",
    )
    border = read_border(MAGIC + FUNCTIONS + imports + section(3, b"\x01") + section(13, b"\x00\x01") + exports)
    assert border.imports == {
        "env.memory": "memory 32..256 shared",
        "env.f": "func (i32 i64) -> (f64)",
        "env.t": "tag (i32)",
    }
    assert border.exports == {
        "memory": "memory 32..256 shared",
        "imported": "func (i32 i64) -> (f64)",
        "own": "func (i32) -> ()",
        "tag": "tag (i32)",
    }
    assert border.memory == "32..256 shared"


def test_globals_and_tables_are_read_past_their_initial_values() -> None:
    """A global's initial value is skipped, whatever its type; a global behind it is found."""
    values = [
        b"\x7f\x01\x41\xff\x7e\x0b",
        b"\x7e\x00\x42\x80\x80\x01\x0b",
        b"\x7c\x00\x44" + bytes(8) + b"\x0b",
        b"\x7b\x01\xfd\x0c" + b"\x0b" * 16 + b"\x0b",
        b"\x70\x00\xd0\x70\x0b",
    ]
    exports = [name(f"g{i}") + bytes([3, i]) for i in range(len(values))]
    table = section(4, b"\x70\x00\x05")
    border = read_border(MAGIC + table + section(6, *values) + section(7, *exports, name("t") + b"\x01\x00"))
    assert border.exports == {
        "g0": "global mut i32",
        "g1": "global i64",
        "g2": "global f64",
        "g3": "global mut v128",
        "g4": "global funcref",
        "t": "table 5.. funcref",
    }
    assert border.memory is None


@pytest.mark.parametrize(
    ("wasm", "says"),
    [
        (b"", "not a core"),
        (b"\0asm\x0d\0\1\0", "not a core"),
        (MAGIC + b"\x01\x7f", "unexpected end"),
        (MAGIC + section(1, b"\x60\x01\x11\x00"), "value type 0x11"),
        (MAGIC + section(1, b"\x4d\x00"), "type form 0x4d"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(wasm: bytes, says: str) -> None:
    """A component, a cut file and an unknown type are errors, not guesses."""
    with pytest.raises(BinaryError, match=says):
        read_border(wasm)


def test_types_of_gc_are_read_past() -> None:
    """A group counts as all its types; fields of structs, packed ones too, and supertypes are no signature."""
    group = b"\x4e\x02" + b"\x50\x00\x5f\x02\x78\x01\x63\x01\x00" + b"\x4f\x01\x00\x5e\x77\x01"
    function = b"\x60\x02\x63\x00\x64\x6e\x01\x6b"
    exports = section(7, name("f") + b"\x00\x00")
    border = read_border(MAGIC + section(1, group, function) + section(3, b"\x02") + exports)
    assert border.exports == {"f": "func (ref null 0 ref any) -> (structref)"}


def test_initial_values_of_gc_are_read_past() -> None:
    """Of a table, and of globals: structs, fixed arrays, i31."""
    types = section(1, b"\x5e\x7f\x00")
    table = section(4, b"\x40\x00\x6e\x00\x02\x41\x01\xfb\x1c\x0b")
    values = [b"\x64\x00\x00\x41\x01\x41\x02\xfb\x08\x00\x02\x0b", b"\x7f\x00\x41\x07\x0b"]
    exports = section(7, name("t") + b"\x01\x00", name("a") + b"\x03\x00", name("n") + b"\x03\x01")
    border = read_border(MAGIC + types + table + section(6, *values) + exports)
    assert border.exports == {"t": "table 2.. anyref", "a": "global ref 0", "n": "global i32"}
