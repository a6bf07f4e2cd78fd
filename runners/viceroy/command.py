"""A module's probe as a command: `viceroy run` calls `_start` alone, so one is appended that calls the probe."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["as_command"]

_HEADER = 8
_TYPE, _IMPORT, _FUNCTION, _EXPORT, _CODE = 1, 2, 3, 7, 10
_REC, _SUB, _SUB_FINAL, _FUNC, _STRUCT = 0x4E, 0x50, 0x4F, 0x60, 0x5F
_NULLABLE, _NON_NULL = 0x63, 0x64  # the value types that name a heap type


def as_command(wasm: bytes, name: str, answer: int) -> bytes:
    """`wasm` with a `_start` that calls its export `name` ([] → [i32]) and traps unless it gives `answer` (0 … 63).

    What is appended (a type, a function, an export, a body) is last in its section, so that no index changes. Errors:
    ValueError for a module that imports something, or has no such export."""
    sections = dict(_sections(wasm))
    if _IMPORT in sections:
        raise ValueError("a module that imports nothing is wanted")
    types, functions = _Reader(sections[_TYPE]).types(), _Reader(sections[_FUNCTION]).number()
    target = _exported(sections[_EXPORT], name)
    # call target; i32.const answer; i32.ne; if unreachable end
    body = bytes([0, 0x10, *_leb(target), 0x41, answer, 0x47, 0x04, 0x40, 0x00, 0x0B, 0x0B])
    more = {
        _TYPE: bytes([_FUNC, 0, 0]),
        _FUNCTION: _leb(types),
        _EXPORT: bytes([6]) + b"_start" + bytes([0]) + _leb(functions),
        _CODE: _leb(len(body)) + body,
    }
    out = bytearray(wasm[:_HEADER])
    for number, content in _sections(wasm):
        changed = _appended(content, more[number]) if number in more else content
        out += bytes([number]) + _leb(len(changed)) + changed
    return bytes(out)


def _sections(wasm: bytes) -> Iterator[tuple[int, bytes]]:
    reader = _Reader(wasm, _HEADER)
    while reader.at < len(wasm):
        number = reader.byte()
        yield number, reader.bytes(reader.number())


def _appended(vector: bytes, item: bytes) -> bytes:
    reader = _Reader(vector)
    return _leb(reader.number() + 1) + vector[reader.at :] + item


def _exported(section: bytes, name: str) -> int:
    reader = _Reader(section)
    for _ in range(reader.number()):
        found, kind, index = reader.bytes(reader.number()).decode(), reader.byte(), reader.number()
        if (found, kind) == (name, 0):
            return index
    raise ValueError(f"the module exports no function {name}")


def _leb(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


class _Reader:
    """https://webassembly.github.io/spec/core/binary/types.html, as far as types must be counted."""

    def __init__(self, content: bytes, at: int = 0) -> None:
        self._content, self.at = content, at

    def byte(self) -> int:
        self.at += 1
        return self._content[self.at - 1]

    def bytes(self, length: int) -> bytes:
        self.at += length
        return self._content[self.at - length : self.at]

    def number(self) -> int:
        """LEB128; of a signed one the value does not matter here."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def types(self) -> int:
        """How many types a type section defines: a recursive group is one entry of several."""
        return sum(self._group() for _ in range(self.number()))

    def _group(self) -> int:
        if self._content[self.at] != _REC:
            self._subtype()
            return 1
        self.byte()
        size = self.number()
        for _ in range(size):
            self._subtype()
        return size

    def _subtype(self) -> None:
        kind = self.byte()
        if kind in (_SUB, _SUB_FINAL):
            for _ in range(self.number()):
                self.number()
            kind = self.byte()
        if kind == _FUNC:
            for _ in range(2):
                for _ in range(self.number()):
                    self._storage()
            return
        for _ in range(self.number() if kind == _STRUCT else 1):  # else an array, of one kind of field
            self._storage()
            self.byte()  # mutable or not

    def _storage(self) -> None:
        if self.byte() in (_NULLABLE, _NON_NULL):
            self.number()
