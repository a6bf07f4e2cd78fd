"""What a compiled module declares at its border: imports, exports and memory, read from its binary.

Format: WebAssembly core specification, section 5.5 (binary format of modules). Only the sections that say
something about the border are read; the code itself is left to the engines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MAGIC", "BinaryError", "Border", "Reader", "read_border", "signature"]

_SIGNATURE = re.compile(r"func \((.*?)\) -> \((.*)\)")

MAGIC = b"\0asm\x01\0\0\0"
TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, TAG = 1, 2, 3, 4, 5, 6, 7, 13
VALUE_TYPES = {
    0x7F: "i32",
    0x7E: "i64",
    0x7D: "f32",
    0x7C: "f64",
    0x7B: "v128",
    0x70: "funcref",
    0x6F: "externref",
    0x69: "exnref",
    0x6E: "anyref",
    0x6D: "eqref",
    0x6C: "i31ref",
    0x6B: "structref",
    0x6A: "arrayref",
    0x71: "nullref",
    0x72: "nullexternref",
    0x73: "nullfuncref",
    0x74: "nullexnref",
    0x68: "contref",
    0x75: "nullcontref",
}
FUNCTION_TYPE, STRUCT, ARRAY, CONTINUATION, GROUP, SUBTYPE, FINAL = 0x60, 0x5F, 0x5E, 0x5D, 0x4E, 0x50, 0x4F
PACKED = (0x78, 0x77)
"""i8 and i16, which only fields are of."""


class BinaryError(ValueError):
    """The bytes are not a core module that this reader understands; the message says at which offset."""


@dataclass(frozen=True)
class Border:
    """Imports by `module.field` and exports by name; each as a line of text such as

    `func (i32 i64) -> (f64)`, `memory 32..256 shared`, `table 1.. funcref`, `global mut i32`, `tag (i32)`.
    `memory` is the line of memory 0, whether imported or its own; None without one.
    """

    imports: dict[str, str]
    exports: dict[str, str]
    memory: str | None


class Reader:
    """A cursor over a part of a module; `at` and `end` are offsets in the whole. Errors: `BinaryError`."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data, self.at, self.end = data, start, end

    def fail(self, what: str) -> BinaryError:
        return BinaryError(f"{what} at offset {self.at}")

    def byte(self) -> int:
        if self.at >= self.end:
            raise self.fail("unexpected end")
        self.at += 1
        return self.data[self.at - 1]

    def unsigned(self) -> int:
        """An unsigned LEB128 of at most 64 bits."""
        value = shift = 0
        while shift < 70:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
        raise self.fail("integer too long")

    def take(self, length: int) -> bytes:
        if self.at + length > self.end:
            raise self.fail("unexpected end")
        self.at += length
        return self.data[self.at - length : self.at]

    def name(self) -> str:
        try:
            return self.take(self.unsigned()).decode()
        except UnicodeDecodeError:
            raise self.fail("a name that is not UTF-8") from None

    def value_type(self) -> str:
        code = self.byte()
        if code in (0x63, 0x64):  # (ref null? heap-type): an abstract one by its code, or the index of a type
            heap = VALUE_TYPES.get(self.data[self.at], "") if self.at < self.end else ""
            index = self.unsigned()
            return f"ref{' null' if code == 0x63 else ''} {heap.removesuffix('ref') or index}"
        if code not in VALUE_TYPES:
            raise self.fail(f"value type 0x{code:02x}")
        return VALUE_TYPES[code]

    def types(self) -> list[str]:
        """The types of one entry of the type section: one, or those of a recursive group."""
        if self.at < self.end and self.data[self.at] == GROUP:
            self.byte()
            return [self.type() for _ in range(self.unsigned())]
        return [self.type()]

    def type(self) -> str:
        """A function's signature; of another type what it is, since no function is of it."""
        form = self.byte()
        if form in (SUBTYPE, FINAL):
            for _ in range(self.unsigned()):
                self.unsigned()
            form = self.byte()
        if form == FUNCTION_TYPE:
            params, results = ([self.value_type() for _ in range(self.unsigned())] for _ in range(2))
            return f"({' '.join(params)}) -> ({' '.join(results)})"
        if form in (STRUCT, ARRAY):
            for _ in range(self.unsigned() if form == STRUCT else 1):
                if self.at < self.end and self.data[self.at] in PACKED:
                    self.byte()
                else:
                    self.value_type()
                self.byte()
            return "struct" if form == STRUCT else "array"
        if form == CONTINUATION:
            self.unsigned()
            return "continuation"
        raise self.fail(f"type form 0x{form:02x}")

    def limits(self) -> str:
        flags = self.byte()
        low = self.unsigned()
        high = str(self.unsigned()) if flags & 1 else ""
        page = f" page {1 << self.unsigned()}" if flags & 8 else ""
        return f"{low}..{high}{' shared' if flags & 2 else ''}{' i64' if flags & 4 else ''}{page}"

    def table(self) -> str:
        has_value = self.at < self.end and self.data[self.at] == 0x40
        if has_value:
            self.take(2)
        element = self.value_type()
        limits = self.limits()
        if has_value:
            self.skip_constant()
        return f"{limits} {element}"

    def global_type(self) -> str:
        kind = self.value_type()
        return f"mut {kind}" if self.byte() else kind

    def skip_constant(self) -> None:
        """Past a constant expression: the few instructions that occur in initial values of globals."""
        while (opcode := self.byte()) != 0x0B:
            if opcode in (0x41, 0x42, 0x23, 0xD2, 0xD0):
                self.unsigned()  # the same bytes as a signed LEB128
            elif opcode in (0x43, 0x44):
                self.take(4 if opcode == 0x43 else 8)
            elif opcode == 0xFD and self.unsigned() == 12:
                self.take(16)
            elif opcode == 0xFB:
                self._skip_of_gc()
            elif opcode not in (0x6A, 0x6B, 0x6C, 0x7C, 0x7D, 0x7E):
                raise self.fail(f"instruction 0x{opcode:02x} in a constant expression")

    def _skip_of_gc(self) -> None:
        operation = self.unsigned()
        if operation not in (0, 1, 6, 7, 8, 26, 27, 28):  # new structs and arrays, conversions, ref.i31
            raise self.fail(f"instruction 0xfb {operation} in a constant expression")
        for _ in range({26: 0, 27: 0, 28: 0, 8: 2}.get(operation, 1)):
            self.unsigned()


def read_border(wasm: bytes) -> Border:
    """The border of a core module. Errors: `BinaryError`."""
    if wasm[:8] != MAGIC:
        raise BinaryError("not a core WebAssembly module of version 1")
    sections: dict[int, Reader] = {}
    whole = Reader(wasm, 8, len(wasm))
    while whole.at < whole.end:
        section, length = whole.byte(), whole.unsigned()
        start = whole.at
        whole.take(length)
        if section:  # 0 is a custom section
            sections[section] = Reader(wasm, start, whole.at)

    types: list[str] = []
    if reader := sections.get(TYPE):
        for _ in range(reader.unsigned()):
            types += reader.types()
    spaces: dict[int, list[str]] = {kind: [] for kind in range(5)}

    def describe(kind: int, reader: Reader) -> str:
        if kind == 0:
            return f"func {types[reader.unsigned()]}"
        if kind == 1:
            return f"table {reader.table()}"
        if kind == 2:
            return f"memory {reader.limits()}"
        if kind == 3:
            return f"global {reader.global_type()}"
        if kind == 4:
            reader.byte()
            return f"tag {types[reader.unsigned()].split(' -> ')[0]}"
        raise reader.fail(f"kind {kind} of import")

    imports = {}
    if reader := sections.get(IMPORT):
        for _ in range(reader.unsigned()):
            key = f"{reader.name()}.{reader.name()}"
            kind = reader.byte()
            imports[key] = describe(kind, reader)
            spaces[kind].append(imports[key])

    for section, kind in ((FUNCTION, 0), (TABLE, 1), (MEMORY, 2), (GLOBAL, 3), (TAG, 4)):
        if reader := sections.get(section):
            for _ in range(reader.unsigned()):
                spaces[kind].append(describe(kind, reader))
                if section == GLOBAL:
                    reader.skip_constant()

    exports = {}
    if reader := sections.get(EXPORT):
        for _ in range(reader.unsigned()):
            name, kind = reader.name(), reader.byte()
            exports[name] = spaces[kind][reader.unsigned()]
    return Border(imports, exports, spaces[2][0].removeprefix("memory ") if spaces[2] else None)


def signature(line: str) -> tuple[list[str], list[str]] | None:
    """Types of parameters and results in a line of a border: `func (i32 i64) -> (f64)`; None of all else."""
    found = _SIGNATURE.fullmatch(line)
    return (_types(found[1]), _types(found[2])) if found else None


def _types(text: str) -> list[str]:
    # A reference to a type of the module's own is written in several words.
    return re.findall(r"ref null \S+|ref \S+|\S+", text)
