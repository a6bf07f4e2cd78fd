"""json: statistics of real-sized and of nasty documents against Python's json; documents that RFC 8259 refuses."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, NoReturn

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, gives, i32

__all__ = ["BAD", "CASES", "FIELDS", "GOOD", "document", "statistics"]

FIELDS = [
    *([name, "<u4"] for name in ("objects", "arrays", "strings", "numbers", "trues", "falses", "nulls", "nesting")),
    ["code points", "<u8"],
    ["integer sum", "<i8"],
    ["float sum", "<f8"],
]
"""The record that `json_stats` writes, as modules/README.md defines it."""


class _Object(list[tuple[str, Any]]):
    """A JSON object's pairs, doubles kept; a plain list is an array."""


@cache
def statistics(text: str) -> bytes:
    """The record of FIELDS (56 bytes) for a good document. ValueError for a bad one."""
    integers, floats = 0, 0.0
    numbers = 0

    def integer(digits: str) -> int:
        nonlocal integers, numbers
        integers, numbers = integers + int(digits), numbers + 1
        return 0

    def number(digits: str) -> float:
        # json calls this in document order, which the sum of floats needs.
        nonlocal floats, numbers
        floats, numbers = floats + float(digits), numbers + 1
        return 0.0

    def constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is not JSON")

    tree = json.loads(text, object_pairs_hook=_Object, parse_int=integer, parse_float=number, parse_constant=constant)
    counts = dict.fromkeys(("objects", "arrays", "strings", "trues", "falses", "nulls"), 0)
    points = nesting = 0
    left = [(tree, 0)]
    while left:
        node, depth = left.pop()
        if isinstance(node, list):
            nesting = max(nesting, depth + 1)
            if isinstance(node, _Object):
                counts["objects"] += 1
                points += sum(len(key) for key, _ in node)
                left.extend((value, depth + 1) for _, value in node)
            else:
                counts["arrays"] += 1
                left.extend((value, depth + 1) for value in node)
        elif isinstance(node, str):
            counts["strings"] += 1
            points += len(node)
        elif node is None or isinstance(node, bool):
            counts[{None: "nulls", True: "trues", False: "falses"}[node]] += 1
    integers = (integers + 2**63) % 2**64 - 2**63
    return struct.pack(
        "<8IQqd",
        *(counts["objects"], counts["arrays"], counts["strings"], numbers),
        *(counts["trues"], counts["falses"], counts["nulls"], nesting),
        *(points, integers, floats),
    )


# ---- good documents


_WORDS = (
    "river",
    "naïve",
    "Straße",
    "日本語",
    "Ελλάδα",
    "👩‍🚀",
    "𝔘𝔫𝔦",
    "zero",
    "e\u0301",
    "\u05e9\u05dc\u05d5\u05dd",
    "",
)
_ESCAPES = (
    r"\n",
    r"\t",
    r"\"",
    r"\\",
    r"\/",
    r"\b",
    r"\f",
    r"\r",
    r"\u0000",
    r"\u00e9",
    r"\u20AC",
    r"\ud83d\ude00",
    r"\uD834\udd1e",
)


def _string(dice: random.Random) -> str:
    """A string literal, raw and escaped characters mixed as no library would write them."""
    return (
        '"'
        + " ".join(dice.choice(_ESCAPES if dice.random() < 0.25 else _WORDS) for _ in range(dice.randrange(6)))
        + '"'
    )


def _number(dice: random.Random) -> str:
    kind = dice.randrange(6)
    if kind == 0:
        return str(dice.randrange(-(10**6), 10**6))
    if kind == 1:
        return str(dice.getrandbits(64) - 2**63)
    if kind == 2:
        return repr(dice.uniform(-1e6, 1e6))
    if kind == 3:  # more digits than a double holds: only an exact parser rounds them right
        return f"{dice.randrange(1, 10)}.{dice.getrandbits(100)}e{dice.randrange(-12, 12)}"
    if kind == 4:
        return f"{dice.randrange(1, 1000)}E+{dice.randrange(3)}"
    return dice.choice(("0", "-0", "0.0", "-0.0", "1e-7", "0.1", "1.5E2"))


def _value(dice: random.Random, depth: int) -> str:
    kind = dice.randrange(10)
    if depth and kind < 3:
        return "[" + ", ".join(_value(dice, depth - 1) for _ in range(dice.randrange(6))) + "]"
    if depth and kind < 6:
        return "{" + ",".join(f"{_string(dice)}: {_value(dice, depth - 1)}" for _ in range(dice.randrange(6))) + "}"
    if kind < 8:
        return _number(dice) if dice.random() < 0.6 else dice.choice(("true", "false", "null"))
    return _string(dice)


@cache
def document(size: int) -> str:
    """A document of `size` bytes of UTF-8 or a little more: records as an export has them, 8 levels deep."""
    dice = random.Random(size)
    records: list[str] = []
    length = 0
    while length < size:
        records.append(
            f'{{"id": {len(records)},\n\t"name": {_string(dice)}, "tags": [{_string(dice)}, {_string(dice)}],\r\n'
            f'  "size": {_number(dice)}, "place": [{_number(dice)}, {_number(dice)}], "more": {_value(dice, 6)}}}'
        )
        length += len(records[-1].encode()) + 2
    return "[" + ",\n".join(records) + "]"


def _lines(*values: str) -> str:
    return "[" + ", ".join(values) + "]"


GOOD: Mapping[str, tuple[str, Callable[[], Mapping[str, str]]]] = {
    "document": ("1 MB of nested records", lambda: {"": document(1_000_000)}),
    "scalars": (
        "documents of a single value, with white space around it",
        lambda: {
            text: text
            for text in ("0", "-1", "1.25", '""', '"x"', "true", "false", " null ", "[]", "{}", "\r\n\t[ ]\n")
        },
    ),
    "integers-at-the-limits": (
        "integers at the limits of i64, of doubles and of i32; their sum wraps",
        lambda: {
            "each": _lines(*(str(n) for k in (31, 32, 53, 63) for n in (2**k - 1, -(2**k), 2 ** (k - 1)))),
            "a sum that wraps": _lines("9223372036854775807", "1", "-0", "9223372036854775807"),
        },
    ),
    "floats-at-the-limits": (
        "floats at the limits of f64, half-way between two of them, and with more digits than they hold",
        lambda: {
            text: _lines(text)
            for text in (
                "1.7976931348623157e308",
                "-1.7976931348623157e308",
                "2.2250738585072014e-308",
                "2.2250738585072011e-308",
                "4.9406564584124654e-324",
                "2.4703282292062328e-324",
                "1e-400",
                "-0.0",
                "9007199254740993.0",
                "9007199254740992.99999999999999999999",
                "1.00000000000000011102230246251565404236316680908203125",
                "1.00000000000000011102230246251565404236316680908203126",
                "0.1e1",
                "123456789012345678901234567890.0",
                "0." + "0" * 300 + "1e290",
                "8.5e-1",
                "6.02214076E+23",
            )
        },
    ),
    "escapes": (
        "every escape, surrogate pairs, raw characters of one to four bytes, in strings and keys",
        lambda: {
            "escapes": _lines(*(f'"{escape}"' for escape in _ESCAPES)),
            "keys": "{"
            + ", ".join(f'"{escape}": "{word}"' for escape, word in zip(_ESCAPES, _WORDS, strict=False))
            + "}",
            "raw": _lines('"\x7f"', '"\u0080"', '"\u07ff"', '"\u2028"', '"\uffff"', '"\U00010000"', '"\U0010ffff"'),
        },
    ),
    "nesting": (
        "arrays and objects a hundred levels deep",
        lambda: {
            "arrays": "[" * 100 + "]" * 100,
            "objects": '{"a":' * 100 + "1" + "}" * 100,
            "side by side": _lines("[[]]", '{"a": {"b": [[]]}}', "[]"),
        },
    ),
}
"""Case → title, and the documents by what they show."""

BAD: Mapping[str, tuple[str, ...]] = {
    "empty": ("", " ", "\n\t"),
    "truncated": ("[", "{", "[1", '{"a": 1', "[[]", '"abc', '{"a"', '{"a":', "[1,", "tru", "nul", '"\\u12', '"\\'),
    "trailing-comma": ("[1,]", '{"a": 1,}', "[,]", "[,1]", "[1,,2]", "{,}"),
    "separators": ("[1 2]", '{"a" 1}', '{"a": 1 "b": 2}', '{"a", 1}', "[1: 2]", '{"a": 1; "b": 2}', '{"a":: 1}'),
    "brackets": ("[1}", '{"a": 1]', "]", "}", "[1]]", '{"a": [}', "{1: 2}", "{a: 1}", "{null: 1}", "{: 1}", "{[]: 1}"),
    "garbage-after-the-end": ("1 2", "[] x", "{} {}", '"a" "b"', "[1],", "nullx"),
    "leading-zero": ("01", "-01", "00", "[1, 007]", "01.5"),
    "sign": ("-", "[-]", "+1", "--1", "- 1", "-a"),
    "half-a-float": ("1.", "[1.]", ".5", "-.5", "1.e3", "1e", "1e+", "1E-", "1.5.5", "1e5.5"),
    "not-a-number": ("NaN", "[NaN]", "Infinity", "-Infinity", "nan", "0x10", "1_000", "1f", "1,5"),
    "literals": ("True", "FALSE", "None", "undefined", "truth", "t", "[nul]"),
    "single-quotes": ("'a'", "{'a': 1}", "[\"a']", "`a`"),
    "control-character": ('"a\nb"', '"\t"', '"\x00"', '"\x1f"', '{"\r": 1}'),
    "escape": (r'"\x41"', r'"\a"', r'"\'"', r'"\u12g4"', r'"\u 041"', r'"\U0041"', r'"\u+041"', '"\\\n"', r'"\0"'),
    "foreign-syntax": (
        "\u00a01",
        "[1,\u20032]",
        "\x0c1",
        "1\x0b",
        "\ufeff1",
        "1 // one",
        "/* one */ 1",
        "[1, # one\n 2]",
    ),
}
"""Case → documents that RFC 8259 refuses."""


def _good(documents: Callable[[], Mapping[str, str]], module: Module) -> Script:
    ask = Ask(module)
    out = ask.room(56)
    for what, text in documents().items():
        data = text.encode()
        ask.call("json_stats", ask.put(data), len(data), out, expect={**gives(i32(0)), "what": what})
        ask.read(out, 56, {"bytes": statistics(text), "dtype": FIELDS, "what": what})
    return ask.commands


def _bad(documents: tuple[str, ...], module: Module) -> Script:
    ask = Ask(module)
    out = ask.room(56)
    for text in documents:
        data = text.encode()
        refusal = {"between": [1, 2**31 - 1], "what": repr(text)}
        ask.call("json_stats", ask.put(data), len(data), out, results=("i32",), expect=refusal)
    ask.call("json_stats", ask.put(b"[]"), 2, out, expect={**gives(i32(0)), "what": "a good document after bad ones"})
    return ask.commands


CASES = [
    *(
        Case(f"json/{name}", "json", partial(_good, documents), title, deadline=60)
        for name, (title, documents) in GOOD.items()
    ),
    *(
        Case(
            f"json/bad-{name}",
            "json",
            partial(_bad, documents),
            f"refused: {name.replace('-', ' ')}",
        )
        for name, documents in BAD.items()
    ),
]
