"""Linear memory, seen from the host."""

from __future__ import annotations

import base64

from runners.check.bench import Bench
from runners.check.calls import i32, invoke
from runners.check.clause import Clauses, same
from runners.check.failures import expect_error

__all__ = ["CLAUSES"]

CLAUSES = Clauses("memory")


def _read(address: int, length: int) -> dict[str, object]:
    return {"type": "read", "address": address, "length": length}


def _write(address: int, content: bytes) -> dict[str, object]:
    return {"type": "write", "address": address, "data": {"base64": base64.b64encode(content).decode()}}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


@CLAUSES()
def read_and_write(bench: Bench) -> None:
    """The host reads what the module has, and the module what the host wrote"""
    *_, first, _, loaded, second = bench.run(
        bench.module("memory"), _read(6, 8), _write(9, b"\xff"), invoke("load", i32(9)), _read(8, 3)
    )
    same(first.get("bytes"), _text(b"\0\0hello\0"), "the data segment")
    same(loaded.get("values"), [i32(255)], "the module's view of the byte written")
    same(second.get("bytes"), _text(b"h\xffl"), "the host's view of it")


@CLAUSES()
def large_data(bench: Bench) -> None:
    """Data travels inline and by hash, a whole page too"""
    content = bytes(range(256)) * 256
    for data in ({"base64": _text(content)}, bench.file(content)):
        *_, seen = bench.run(bench.module("calls"), {"type": "write", "address": 0, "data": data}, _read(0, 65536))
        same(seen.get("bytes"), _text(content), "bytes read back")


@CLAUSES()
def pages(bench: Bench) -> None:
    """`pages` follows the memory as it grows, and so do `read` and `write`"""
    results = bench.run(
        bench.module("memory"),
        {"type": "pages"},
        invoke("grow", i32(2)),
        {"type": "pages"},
        _write(3 * 65536 - 1, b"\x07"),
        invoke("load", i32(3 * 65536 - 1)),
        invoke("grow", i32(1)),
        {"type": "pages"},
    )
    same([results[index].get("pages") for index in (1, 3, 7)], [1, 3, 3], "pages")
    same([results[index].get("values") for index in (2, 5, 6)], [[i32(1)], [i32(7)], [i32(2**32 - 1)]], "values")


@CLAUSES()
def bounds(bench: Bench) -> None:
    """An address out of range is an error of phase memory; the last byte and nothing at the end are not"""
    for command in (_read(65536, 1), _read(65530, 7), _read(2**40, 1), _write(65535, b"ab")):
        expect_error(bench.observe([bench.module("memory"), command]).results[-1], "memory")
    *_, last, nothing, empty = bench.run(bench.module("memory"), _read(65535, 1), _read(65536, 0), _write(65536, b""))
    same([last.get("bytes"), nothing.get("bytes"), empty], ["AA==", "", {}], "the end of the memory")


@CLAUSES()
def no_memory(bench: Bench) -> None:
    """Without any memory `read` is an error of phase memory"""
    expect_error(bench.observe([bench.module("traps"), _read(0, 1)]).results[-1], "memory")


@CLAUSES()
def other_name(bench: Bench) -> None:
    """The only memory that a module exports is its memory, whatever its name"""
    *_, seen = bench.run(bench.module("memory-other-name"), _read(0, 4))
    same(seen.get("bytes"), _text(b"heap"), "bytes")


@CLAUSES()
def made_by_the_host(bench: Bench) -> None:
    """A memory made by the host is imported under its two names, read and written while the module exports none"""
    results = bench.run(
        {"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 2, "shared": False},
        bench.module("memory-imported"),
        _write(5, b"\x2a"),
        invoke("load", i32(5)),
        invoke("store", i32(6), i32(43), results=()),
        _read(5, 2),
        {"type": "pages"},
    )
    same(results[3].get("values"), [i32(42)], "the module's view")
    same(results[5].get("bytes"), _text(b"*+"), "the host's view")
    same(results[6].get("pages"), 1, "pages")
