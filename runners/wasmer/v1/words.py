"""Small modules through which an f32 comes and goes as an i32: as a float of Python's, a NaN of its changes.

A module imports the function (or global) with its real type, under two empty names, and exports `f`, which has an i32
for each f32.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["of_function", "of_global"]

CODES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C, "v128": 0x7B}
LOCAL_GET, LOCAL_SET, GLOBAL_GET, CALL, END = 0x20, 0x21, 0x23, 0x10, 0x0B
AS_I32, AS_F32 = b"\xbc", b"\xbe"  # i32.reinterpret_f32, f32.reinterpret_i32
FUNCTION, GLOBAL = 0x00, 0x03


def of_function(params: Sequence[str], results: Sequence[str]) -> bytes:
    """The module for a function of that type; its import has index 0, its `f` 1."""
    given = b"".join(_get(index) + (AS_F32 if kind == "f32" else b"") for index, kind in enumerate(params))
    first = len(params)  # the results wait in locals: what is to be changed may lie below others
    keep = b"".join(bytes([LOCAL_SET]) + _leb(first + index) for index in reversed(range(len(results))))
    taken = b"".join(_get(first + index) + (AS_I32 if kind == "f32" else b"") for index, kind in enumerate(results))
    locals_ = _vector([_leb(1) + bytes([CODES[kind]]) for kind in results])
    return _module(
        types=[_type(params, results), _type(_words(params), _words(results))],
        imported=bytes([FUNCTION, 0]),
        own=(1, 1),
        body=locals_ + given + bytes([CALL, 0]) + keep + taken,
    )


def of_global(mutable: bool) -> bytes:
    """The module for a global of type f32."""
    return _module(
        types=[_type([], ["i32"])],
        imported=bytes([GLOBAL, CODES["f32"], mutable]),
        own=(0, 0),
        body=_vector([]) + bytes([GLOBAL_GET, 0]) + AS_I32,
    )


def _words(types: Sequence[str]) -> list[str]:
    return ["i32" if kind == "f32" else kind for kind in types]


def _module(types: Sequence[bytes], imported: bytes, own: tuple[int, int], body: bytes) -> bytes:
    """`own` is the type of the function that is exported, and its index."""
    sections = (
        (1, _vector(types)),
        (2, _vector([b"\0\0" + imported])),
        (3, _vector([_leb(own[0])])),
        (7, _vector([b"\1f\0" + _leb(own[1])])),
        (10, _vector([_sized(body + bytes([END]))])),
    )
    return b"\0asm\1\0\0\0" + b"".join(bytes([number]) + _sized(content) for number, content in sections)


def _type(params: Sequence[str], results: Sequence[str]) -> bytes:
    return b"\x60" + b"".join(_vector([bytes([CODES[kind]]) for kind in kinds]) for kinds in (params, results))


def _get(index: int) -> bytes:
    return bytes([LOCAL_GET]) + _leb(index)


def _vector(items: Sequence[bytes]) -> bytes:
    return _leb(len(items)) + b"".join(items)


def _sized(content: bytes) -> bytes:
    return _leb(len(content)) + content


def _leb(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low]) if not rest else bytes([low | 0x80]) + _leb(rest)
