"""memory: growth to the maximum and one past it, new pages, overlapping copies, fills; against the standard.

Core specification, sections 4.4.7 (`memory.grow`, `memory.fill`, `memory.copy`).
"""

from __future__ import annotations

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, gives, i32, noise

__all__ = ["CASES"]

PAGE = 65536
MAXIMUM = 4
"""Pages that modules/text/memory.wat declares as its maximum; it starts with 1."""

OUT_OF_BOUNDS = {"trap": "out of bounds memory access"}


def _grow(module: Module) -> Script:
    ask = Ask(module)
    old = ask.call("mem_grow", 0, results=("i32",), expect={"between": [1, PAGE], "what": "growth by nothing"})
    ask.call("mem_grow", 1, results=("i32",), expect={"same": old, "what": "growth by a page gives the old size"})
    ask.call("mem_grow", 0, results=("i32",), expect={"same": old, "plus": 1, "what": "the new size, seen inside"})
    ask.add({"type": "pages"}, {"same": old, "plus": 1, "what": "the new size, seen outside"})
    for pages in (PAGE, -1):
        ask.call("mem_grow", pages, expect={**gives(i32(-1)), "what": "growth past 4 GiB is refused"})
    ask.call("mem_grow", 0, results=("i32",), expect={"same": old, "plus": 1, "what": "the size after refusals"})
    return ask.commands


def _maximum(module: Module) -> Script:
    ask = Ask(module)
    ask.add({"type": "pages"}, {"pages": 1})
    ask.call("grow", MAXIMUM, expect=gives(i32(-1)))
    ask.call("grow", MAXIMUM - 1, expect=gives(i32(1)))
    ask.call("size", expect=gives(i32(MAXIMUM)))
    ask.add({"type": "pages"}, {"pages": MAXIMUM})
    ask.call("grow", 1, expect=gives(i32(-1)))
    ask.call("grow", -1, expect=gives(i32(-1)))
    ask.call("grow", 0, expect=gives(i32(MAXIMUM)))
    ask.call("store8", MAXIMUM * PAGE - 1, 7)
    ask.call("load8", MAXIMUM * PAGE - 1, expect=gives(i32(7)))
    ask.call("load8", MAXIMUM * PAGE, expect=OUT_OF_BOUNDS, results=("i32",))
    return ask.commands


def _new_pages(module: Module) -> Script:
    ask = Ask(module)
    ask.call("fill", 0, 0xFF, PAGE)
    ask.call("load8", PAGE, expect=OUT_OF_BOUNDS, results=("i32",))
    for size in range(1, MAXIMUM):
        ask.call("grow", 1, expect=gives(i32(size)))
        ask.read(size * PAGE, PAGE, {"bytes": bytes(PAGE), "what": f"page {size} when it is new"})
        ask.call("fill", size * PAGE, 0xEE, PAGE)
    ask.read(0, PAGE, {"bytes": b"\xff" * PAGE, "what": "the first page after growth"})
    return ask.commands


def _copied(data: bytes, target: int, source: int, n: int) -> bytes:
    """`data` after the copy, as if by way of a buffer between."""
    after = bytearray(data)
    after[target : target + n] = data[source : source + n]
    return bytes(after)


_COPIES = (
    (0, 1, 999),
    (1, 0, 999),
    (0, 500, 500),
    (500, 0, 500),
    (3, 260, 700),
    (260, 3, 700),
    (100, 100, 800),
    (7, 900, 0),
)
"""To, from, how many, within 1,000 bytes."""


def _copy(module: Module) -> Script:
    ask = Ask(module)
    data = noise("copy", 1000)
    for target, source, n in _COPIES:
        place = ask.put(data)
        ask.call("mem_copy", place + target, place + source, n)
        what = f"{n} bytes from {source} to {target}"
        ask.read(place, len(data), {"bytes": _copied(data, target, source, n), "what": what})
    return ask.commands


_FILLS = ((0, 0, 1000), (0, 255, 1), (1, 170, 998), (17, 1, 33), (999, 7, 1), (500, 9, 0))
"""From, byte, how many, within 1,000 bytes."""


def _fill(module: Module) -> Script:
    ask = Ask(module)
    data = noise("fill", 1000)
    for start, byte, n in _FILLS:
        place = ask.put(data)
        ask.call("mem_fill", place + start, byte, n)
        after = data[:start] + bytes([byte]) * n + data[start + n :]
        ask.read(place, len(data), {"bytes": after, "what": f"{n} times {byte} from {start} on"})
    return ask.commands


def _edge(module: Module) -> Script:
    ask = Ask(module)
    for field, args in (
        ("fill", (PAGE, 1, 0)),
        ("copy", (PAGE, 0, 0)),
        ("copy", (0, PAGE, 0)),
        ("copy", (PAGE, PAGE, 0)),
    ):
        ask.call(field, *args)
    ask.call("fill", PAGE - 3, 9, 3)
    ask.call("copy", 0, PAGE - 3, 3)
    ask.read(0, 4, {"bytes": b"\x09\x09\x09\0"})
    ask.call("fill", 100, 0x1FE, 2)
    ask.read(99, 4, {"bytes": b"\0\xfe\xfe\0", "what": "a fill takes the low byte of its i32"})
    return ask.commands


def _past_the_edge(module: Module) -> Script:
    ask = Ask(module)
    ask.call("fill", 0, 0x55, PAGE)
    for field, args in (
        *(("fill", args) for args in ((PAGE + 1, 1, 0), (PAGE - 8, 1, 9), (0, 1, PAGE + 1), (-1, 1, 1), (1, 1, -1))),
        *(
            ("copy", args)
            for args in ((PAGE + 1, 0, 0), (0, PAGE + 1, 0), (PAGE - 8, 0, 9), (0, PAGE - 8, 9), (1, 0, -1))
        ),
    ):
        ask.call(field, *args, expect=OUT_OF_BOUNDS)
    ask.read(0, PAGE, {"bytes": b"\x55" * PAGE, "what": "what a trapping copy or fill leaves: all as it was"})
    return ask.commands


def _segment(module: Module) -> Script:
    segment = b"passive segment"
    ask = Ask(module)
    ask.call("init", 200, 0, len(segment))
    ask.call("init", 300, 8, 7)
    ask.call("init", PAGE, len(segment), 0)
    ask.read(200, 16, {"bytes": segment + b"\0"})
    ask.read(300, 8, {"bytes": segment[8:] + b"\0"})
    for args in ((200, 0, len(segment) + 1), (200, len(segment) + 1, 0), (PAGE - 3, 0, 4), (PAGE + 1, 0, 0)):
        ask.call("init", *args, expect=OUT_OF_BOUNDS)
    ask.call("drop")
    ask.call("init", 200, 0, 0)
    ask.call("init", 200, 0, 1, expect=OUT_OF_BOUNDS)
    ask.call("drop")
    return ask.commands


def _access(module: Module) -> Script:
    ask = Ask(module)
    ask.write(1000, bytes(range(1, 17)))
    for address in (1000, 1001, 1003, 1007):
        expected = int.from_bytes(bytes(range(address - 999, address - 991)), "little")
        ask.call("load64", address, expect=gives({"type": "i64", "value": str(expected)}))
    ask.call("store64", 2001, {"type": "i64", "value": str(0x0807060504030201)})
    ask.read(2000, 10, {"bytes": bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 0]), "what": "little-endian, not aligned"})
    ask.call("store8", 3000, 0x1FF)
    ask.read(2999, 3, {"bytes": b"\0\xff\0", "what": "a store of 8 bits wraps its value"})
    return ask.commands


CASES = [
    Case("memory/grow", "memory", _grow, "growth gives the old size; past 4 GiB it is refused", exports=("mem_grow",)),
    Case("memory/copy-overlapping", "memory", _copy, "copies that overlap, both ways, and of nothing"),
    Case("memory/fill", "memory", _fill, "fills of any length and place"),
    *(
        Case(f"memory/{name}", "memory", build, title, languages=("text",))
        for name, build, title in (
            ("grow-to-maximum", _maximum, "growth to the declared maximum, and one past it"),
            ("new-pages", _new_pages, "new pages are zero, old ones stay"),
            ("access", _access, "loads and stores at any address, little-endian"),
            ("zero-length-at-the-edge", _edge, "fills and copies up to the edge, and of nothing at it"),
            ("bulk-out-of-bounds", _past_the_edge, "fills and copies past the edge trap and write nothing"),
            ("passive-segment", _segment, "a passive data segment: parts of it, past its end, after it is dropped"),
        )
    ),
]
