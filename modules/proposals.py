"""Which proposals a compiled module needs, decoded from its binary: types, limits, segments and every instruction.

Format: WebAssembly core specification, chapter 5 (binary format), and the overviews of the proposals that are not in it
yet (github.com/WebAssembly/proposals). Names: docs/features.md. A module is decoded, not validated.
"""

from __future__ import annotations

from collections.abc import Callable

from modules.binary import MAGIC, BinaryError, Reader
from modules.opcodes import ARITHMETIC, FIRST_VERSION, INSTRUCTIONS, PREFIXED, Row

__all__ = ["features_of"]

HEAP_TYPES = {
    0x70: "reference-types",  # func
    0x6F: "reference-types",  # extern
    **dict.fromkeys((0x6E, 0x6D, 0x6C, 0x6B, 0x6A), "gc"),  # any, eq, i31, struct, array
    **dict.fromkeys((0x71, 0x72, 0x73), "gc"),  # none, noextern, nofunc
    **dict.fromkeys((0x69, 0x74), "exceptions"),  # exn, noexn
    **dict.fromkeys((0x68, 0x75), "stack-switching"),  # cont, nocont
}

SHARED, EXACT = 0x65, 0x62
PREFIXES = {SHARED: "shared-everything-threads", EXACT: "custom-descriptors"}

NUMBERS = range(0x7C, 0x80)
V128, NULLABLE, NOT_NULL = 0x7B, 0x63, 0x64
FUNCREF = 0x70


class _Module:
    """Decodes the sections in their order, and gathers in `found`."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.tables = self.memories = self.imported_globals = 0
        self.tags = False
        self.mutable: list[bool] = []

    def need(self, features: str) -> None:
        self.found.update(features.split())

    # Types

    def heap_type(self, r: Reader, *, described: bool = False) -> None:
        """`described`: inside of (ref …), where func and extern need more than a plain reference type."""
        code = r.byte()
        for prefix, feature in PREFIXES.items():
            if code == prefix:
                self.need(feature)
                code = r.byte()
        if code in HEAP_TYPES:
            feature = HEAP_TYPES[code]
            self.need("function-references" if described and feature == "reference-types" else feature)
        elif 0x40 <= code < 0x80:
            raise r.fail(f"heap type 0x{code:02x}")
        else:
            self.need("function-references")  # an index, of which the first byte is read
            if code >= 0x80:
                r.unsigned()

    def value_type(self, r: Reader) -> None:
        code = r.byte()
        if code == V128:
            self.need("simd")
        elif code in (NULLABLE, NOT_NULL):
            self.heap_type(r, described=True)
        elif code in HEAP_TYPES:
            self.need(HEAP_TYPES[code])
        elif code not in NUMBERS:
            raise r.fail(f"value type 0x{code:02x}")

    def list_of(self, r: Reader, item: Callable[[Reader], object]) -> int:
        count = r.unsigned()
        for _ in range(count):
            item(r)
        return count

    def field_type(self, r: Reader) -> None:
        if r.data[r.at : r.at + 1] in (b"\x77", b"\x78"):  # i16, i8
            r.byte()
        else:
            self.value_type(r)
        r.byte()

    def type(self, r: Reader) -> None:
        if r.data[r.at : r.at + 1] == b"\x4e":
            r.byte()
            self.need("gc")
            self.list_of(r, self.sub_type)
        else:
            self.sub_type(r)

    def sub_type(self, r: Reader) -> None:
        form = r.byte()
        if form in (0x4F, 0x50):
            self.need("gc")
            self.list_of(r, self.index)
            form = r.byte()
        if form == SHARED:
            self.need("shared-everything-threads")
            form = r.byte()
        for clause in (0x4C, 0x4D):  # describes, descriptor
            if form == clause:
                self.need("custom-descriptors")
                self.index(r)
                form = r.byte()
        if form == 0x60:
            self.list_of(r, self.value_type)
            if self.list_of(r, self.value_type) > 1:
                self.need("multi-value")
        elif form == 0x5D:
            self.need("stack-switching")
            self.index(r)
        elif form == 0x5E:
            self.need("gc")
            self.field_type(r)
        elif form == 0x5F:
            self.need("gc")
            self.list_of(r, self.field_type)
        else:
            raise r.fail(f"type form 0x{form:02x}")

    def index(self, r: Reader) -> None:
        r.unsigned()

    def limits(self, r: Reader, wide: str) -> None:
        flags = r.byte()
        if flags > 0x0F:
            raise r.fail(f"limits 0x{flags:02x}")
        for bit, feature in ((0x02, "threads"), (0x04, wide), (0x08, "custom-page-sizes")):
            if flags & bit:
                self.need(feature)
        for _ in range(1 + bool(flags & 0x01) + bool(flags & 0x08)):
            r.unsigned()

    def table_type(self, r: Reader) -> None:
        self.tables += 1
        if self.tables > 1:
            self.need("reference-types")
        if r.data[r.at : r.at + 1] != bytes([FUNCREF]):
            self.value_type(r)
        else:
            r.byte()
        self.limits(r, "table64")

    def table(self, r: Reader) -> None:
        initial = r.data[r.at : r.at + 2] == b"\x40\x00"
        if initial:
            r.take(2)
            self.need("function-references")
        self.table_type(r)
        if initial:
            self.constant(r)

    def memory(self, r: Reader) -> None:
        self.memories += 1
        if self.memories > 1:
            self.need("multi-memory")
        self.limits(r, "memory64")

    def global_type(self, r: Reader) -> None:
        self.value_type(r)
        self.mutable.append(r.byte() == 1)

    def global_(self, r: Reader) -> None:
        self.global_type(r)
        self.constant(r)

    def tag(self, r: Reader) -> None:
        self.tags = True
        r.byte()
        r.unsigned()

    def import_(self, r: Reader) -> None:
        if r.name().startswith("wasm:js-string"):
            self.need("js-string-builtins")
        compact = r.data[r.at : r.at + 2]
        if compact == b"\x00\x7f":
            self.need("compact-import-section")
            r.take(2)
            self.list_of(r, self.item)
        elif compact == b"\x00\x7e":
            self.need("compact-import-section")
            r.take(2)
            self.extern_type(r)  # one for all the names
            self.list_of(r, Reader.name)
        else:
            self.item(r)

    def item(self, r: Reader) -> None:
        r.name()
        self.extern_type(r)

    def extern_type(self, r: Reader) -> None:
        kind = r.byte()
        kinds = {0: self.index, 1: self.table_type, 2: self.memory, 3: self.global_type, 4: self.tag}
        if kind not in kinds:
            raise r.fail(f"kind {kind} of import")
        kinds[kind](r)
        if kind == 3:
            self.imported_globals += 1
            if self.mutable[-1]:
                self.need("mutable-globals")

    def export(self, r: Reader) -> None:
        r.name()
        kind, index = r.byte(), r.unsigned()
        if kind == 3 and index < len(self.mutable) and self.mutable[index]:
            self.need("mutable-globals")

    # Segments

    def element(self, r: Reader) -> None:
        flags = r.unsigned()
        if flags > 7:
            raise r.fail(f"element segment of form {flags}")
        if flags:
            self.need("reference-types" if flags & 3 == 3 else "bulk-memory")
        if not flags & 1:
            if flags & 2:
                self.other_table(r)
            self.constant(r)
        if flags & 3 and not flags & 4:
            r.byte()
        elif flags & 3:
            if r.data[r.at : r.at + 1] == bytes([FUNCREF]):
                r.byte()
            else:
                self.value_type(r)
        self.list_of(r, self.constant if flags & 4 else self.index)

    def data(self, r: Reader) -> None:
        flags = r.unsigned()
        if flags > 2:
            raise r.fail(f"data segment of form {flags}")
        if flags:
            self.need("bulk-memory")
        if flags == 2:
            self.other_memory(r)
        if flags != 1:
            self.constant(r)
        r.take(r.unsigned())

    # Instructions

    def other_memory(self, r: Reader) -> None:
        if r.byte():  # even a long way of writing 0 is refused without
            r.at -= 1
            r.unsigned()
            self.need("multi-memory")

    def other_table(self, r: Reader) -> None:
        if r.byte():
            r.at -= 1
            r.unsigned()
            self.need("reference-types")

    def block_type(self, r: Reader) -> None:
        code = r.data[r.at] if r.at < r.end else 0
        if code == 0x40:
            r.byte()
        elif 0x41 <= code < 0x80:
            self.value_type(r)
        else:
            r.unsigned()
            self.need("multi-value")

    def memory_argument(self, r: Reader) -> None:
        if r.unsigned() & 0x40:
            r.unsigned()
            self.need("multi-memory")
        r.unsigned()

    def handler(self, r: Reader) -> None:
        """A catch clause, or one of a resume: its kind says what follows."""
        for _ in range({0: 2, 1: 2, 2: 1, 3: 1}.get(r.byte(), 0)):
            r.unsigned()

    def resume_handler(self, r: Reader) -> None:
        for _ in range(1 if r.byte() else 2):
            r.unsigned()

    def immediates(self, r: Reader, row: Row) -> None:
        features, follows = row
        if features:
            self.need(features)
        for kind in follows:
            IMMEDIATES[kind](self, r)

    def instruction(self, r: Reader, opcode: int) -> None:
        """One instruction that FIRST_VERSION does not have."""
        if opcode in PREFIXED:
            sub = r.unsigned()
            row = PREFIXED[opcode].get(sub)
            if row is None:
                raise r.fail(f"instruction 0x{opcode:02x} 0x{sub:02x}")
        else:
            row = INSTRUCTIONS.get(opcode)
            if row is None:
                raise r.fail(f"instruction 0x{opcode:02x}")
        self.immediates(r, row)

    def constant(self, r: Reader) -> None:
        """A constant expression, past its end."""
        while (opcode := r.byte()) != 0x0B:
            if opcode in (0x43, 0x44):
                r.take(4 if opcode == 0x43 else 8)
            elif opcode in ARITHMETIC:
                self.need("extended-const")
            elif opcode in (0x41, 0x42):
                r.unsigned()  # the same bytes as a signed LEB128
            elif opcode == 0x23:
                if r.unsigned() >= self.imported_globals:
                    self.need("gc")  # which lets an initial value ask an earlier global of the module itself
            else:
                self.instruction(r, opcode)

    def body(self, r: Reader) -> None:
        size = r.unsigned()
        end = r.at + size
        if end > r.end:
            raise r.fail("unexpected end")
        code = Reader(r.data, r.at, end)
        for _ in range(code.unsigned()):
            code.unsigned()
            self.value_type(code)
        while True:
            plain = FIRST_VERSION.match(code.data, code.at, end)
            assert plain is not None, "it also matches nothing"
            code.at = plain.end()
            if code.at == end:
                break
            self.instruction(code, code.byte())
        r.at = end


IMMEDIATES: dict[str, Callable[[_Module, Reader], object]] = {
    "i": _Module.index,
    "m": _Module.memory_argument,
    "M": _Module.other_memory,
    "T": _Module.other_table,
    "b": _Module.block_type,
    "h": _Module.heap_type,
    "1": lambda _, r: r.byte(),
    "s": lambda _, r: r.take(16),
    "t": lambda module, r: module.list_of(r, module.value_type),
    "l": lambda module, r: module.list_of(r, module.index),
    "c": lambda module, r: module.list_of(r, module.handler),
    "r": lambda module, r: module.list_of(r, module.resume_handler),
}

SECTIONS: dict[int, Callable[[_Module, Reader], object]] = {
    1: _Module.type,
    2: _Module.import_,
    4: _Module.table,
    5: _Module.memory,
    6: _Module.global_,
    7: _Module.export,
    9: _Module.element,
    10: _Module.body,
    11: _Module.data,
    13: _Module.tag,
}
"""The sections of which each entry is asked. 0 (custom), 3 (functions) and 8 (start) need nothing."""


def features_of(wasm: bytes) -> frozenset[str]:
    """The features without which the module is not valid; what only helps an engine (branch hints) is not among them.

    Errors: BinaryError, for what is no core module or cut short, and for an instruction or type that is not known here.
    """
    if wasm[:8] != MAGIC:
        raise BinaryError("not a core WebAssembly module of version 1")
    module, whole = _Module(), Reader(wasm, 8, len(wasm))
    while whole.at < whole.end:
        section, length = whole.byte(), whole.unsigned()
        reader = Reader(wasm, whole.at, whole.at + length)
        whole.take(length)
        if section == 12:  # the number of data segments, for memory.init and data.drop
            module.need("bulk-memory")
        if section in SECTIONS:
            for _ in range(reader.unsigned()):
                SECTIONS[section](module, reader)
            if reader.at != reader.end:
                raise reader.fail(f"section {section} goes on")
    if module.tags and not module.found & {"exceptions-legacy", "stack-switching"}:
        module.need("exceptions")
    return frozenset(module.found)
