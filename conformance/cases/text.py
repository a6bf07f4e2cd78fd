"""text: UTF-8 in and out, reversed by code point; against Python's codec, which refuses what Unicode refuses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, gives, i32

__all__ = ["CASES", "INVALID", "VALID"]

GUARD = b"\xa5" * 8
"""What stands behind the room for a text: it must stay."""

_ASCII = "The quick brown fox jumps over the lazy dog."

VALID: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "empty": ("no text at all", ("",)),
    "ascii": ("one byte a character, all 128 of them", ("a", _ASCII, "".join(map(chr, range(128))))),
    "two-and-three-bytes": (
        "characters of two and three bytes, the first and last of each length",
        ("\u0080\u07ff\u0800\uffff", "\ud7ff\ue000", "\ufeffa", "\ufffe\ufdd0", "Grüße, Жизнь, עולם, こんにちは"),
    ),
    "astral": (
        "characters of four bytes: surrogate pairs where a language keeps UTF-16",
        ("\U00010000\U0010ffff", "a\U0001f600b", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "👩‍🚀🏳️‍🌈"),
    ),
    "combining": (
        "combining characters are code points of their own; nothing is normalised",
        ("e\u0301", "\u00e9", "o\u0302\u0323", "\u1100\u1161\u11a8", "\u0301"),
    ),
    "nul": ("NUL is a character like others", ("\0", "a\0b", "\0\0\0", "é\0")),
    "long": ("300 KB of mixed text", ((_ASCII + "äß日本𝔘👍\0e\u0301") * 4_000,)),
}
"""Case → title, texts."""

INVALID: Mapping[str, tuple[str, ...]] = {
    "overlong": ("c080", "c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf", "c0af"),
    "surrogate": ("eda080", "edadbf", "edb080", "edbfbf", "eda0bdedb880"),
    "truncated": ("c3", "e2", "e282", "f0", "f09f", "f09f98", "c341", "e28241", "f09f9841"),
    "stray-continuation": ("80", "bf", "4180", "c3a9a9", "e282acac", "80808080"),
    "past-u10ffff": (
        "f4908080",
        "f5808080",
        "f7bfbfbf",
        "f888808080",
        "fc8480808080",
        "ff",
        "fe",
        "41ff42",
        "feff0041",
    ),
}
"""Case → byte strings in hex that are not UTF-8 (The Unicode Standard, table 3-7)."""


def _valid(texts: tuple[str, ...], module: Module) -> Script:
    ask = Ask(module)
    for text in texts:
        data, what = text.encode(), repr(text[:20])
        out = ask.put(bytes(len(data)) + GUARD)
        ask.call("reverse_text", ask.put(data), len(data), out, expect={**gives(i32(len(text))), "what": what})
        ask.read(out, len(data) + len(GUARD), {"bytes": text[::-1].encode() + GUARD, "what": what})
    return ask.commands


def _invalid(strings: tuple[str, ...], module: Module) -> Script:
    ask = Ask(module)
    for digits in strings:
        # Invalid at the start, in the middle (where a fast path for ASCII has begun) and at the end of a text.
        for before, after in (
            (b"", b""),
            (b"", b"tail"),
            (_ASCII.encode(), b""),
            (_ASCII.encode() + "é".encode(), b"tail"),
        ):
            data = before + bytes.fromhex(digits) + after
            what = f"{digits} after {len(before)} and before {len(after)} good bytes"
            ask.call(
                "reverse_text", ask.put(data), len(data), ask.room(len(data)), expect={**gives(i32(-1)), "what": what}
            )
    return ask.commands


CASES = [
    *(Case(f"text/{name}", "text", partial(_valid, texts), title) for name, (title, texts) in VALID.items()),
    *(
        Case(
            f"text/invalid-{name}",
            "text",
            partial(_invalid, strings),
            f"not UTF-8: {name.replace('-', ' ')}",
        )
        for name, strings in INVALID.items()
    ),
]
