"""linking: calls from an instance of one module into that of another; with and without a memory on either side."""

from __future__ import annotations

from functools import partial

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, Value, f32, f64, gives, i32, i64

__all__ = ["CASES"]

FORMS = ("", " through the table")
"""How `modules/text/caller.wat` calls; the endings of its exports' names."""

_DIGITS = [13, 1, 2, 9, 4, 15, 6, 7, 8, 3, 10, 11]


def _linked(caller: str, module: Module) -> Ask:
    """The module under test, linked into `caller`, which is asked from now on."""
    ask = Ask(module)
    ask.add({"type": "register", "as": "callee"})
    ask.add({"type": "module", "module": caller})
    return ask


def _arguments(caller: str, module: Module) -> Script:
    ask = _linked(caller, module)
    for form in FORMS:
        for a, b in ((41, 1), (0, -1), (0x7FFFFFFF, 1)):
            ask.call(f"add{form}", a, b, expect=gives(i32(a + b)))
        mixed: list[Value] = [i32(-3), f64(0.5), i64(1 << 40), f32(-0.25)]
        ask.call(f"mixed{form}", *mixed, expect=gives(f64(-3 + 2 * 0.5 + 4 * float(1 << 40) + 8 * -0.25)))
        digits = int("".join(f"{digit:x}" for digit in _DIGITS), 16)
        ask.call(f"many{form}", *map(i64, _DIGITS), expect=gives(i64(digits)))
    return ask.commands


def _own(caller: str, module: Module) -> Script:
    ask = _linked(caller, module)
    for number, form in enumerate(FORMS):
        ask.call("keep own", 7 + number)
        ask.call(f"keep{form}", 40 + number)
        ask.call(f"kept{form}", expect={**gives(i32(40 + number)), "what": "what the callee was given to keep"})
        ask.call("own", expect={**gives(i32(7 + number)), "what": "what the caller keeps"})
    return ask.commands


CASES = [
    Case(f"linking/{name}{ending}", "linking", partial(build, caller), f"{title}, from an instance {words} a memory")
    for caller, ending, words in (("wat-caller", "", "without"), ("wat-caller-memory", "-from-memory", "with"))
    for name, build, title in (
        ("arguments", _arguments, "another instance gets all arguments, and gives its result back"),
        ("own-state", _own, "each instance has its own globals and its own memory"),
    )
]
