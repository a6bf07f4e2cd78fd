"""litmus: what the memory model forbids never comes out of atomic accesses; what comes out of plain ones is shown.

The tests and their names are those of the literature (Alglave, Maranget and Tautschnig, "Herding Cats", 2014);
modules/text/litmus.wat plays them. Atomic accesses of WebAssembly are sequentially consistent (threads proposal).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial

from conformance.case import Case, Module, Script
from conformance.cases.threads import CONTROL, Threads

__all__ = ["CASES"]

ROUNDS, PAIRS = 50, 4096
"""Each test is played ROUNDS * PAIRS = 204,800 times."""

REPEATS = 3
"""What is forbidden may come out in one run of many."""

_OUTCOMES, _UNWRITTEN = 64, 128


@dataclass(frozen=True)
class Litmus:
    """`number` is litmus.wat's; `registers` names the bits of an outcome, from bit 0 on; `forbidden` is an outcome."""

    name: str
    number: int
    workers: int
    registers: tuple[str, ...]
    forbidden: int
    title: str

    def outcome(self, bits: int) -> str:
        """An outcome in words: `y=1 x=0`."""
        return " ".join(f"{register}={bits >> bit & 1}" for bit, register in enumerate(self.registers))


TESTS = (
    Litmus("message-passing", 0, 2, ("y", "x"), 0b01, "a flag is seen before what it announces"),
    Litmus("store-buffering", 1, 2, ("y", "x"), 0b00, "neither of two sees what the other has written"),
    Litmus("load-buffering", 2, 2, ("y", "x"), 0b11, "both of two see what the other writes later"),
    Litmus("coherence", 3, 2, ("first", "second"), 0b01, "a word goes back to what it was"),
    Litmus("iriw", 4, 4, ("2:x", "2:y", "3:y", "3:x"), 0b0101, "two see two writes in different orders"),
)


def _play(test: Litmus, module: Module) -> Script:
    ask = Threads(module)
    block = struct.pack("<4i", test.number, test.workers, ROUNDS, PAIRS)
    ask.write(CONTROL, block.ljust(_UNWRITTEN + 4, b"\0"))
    ask.spawn(test.workers)
    ask.join_workers([ROUNDS] * test.workers)
    names = [test.outcome(bits) for bits in range(1 << len(test.registers))]
    # Of plain accesses nothing is demanded of the order.
    forbidden = [test.outcome(test.forbidden)] if "litmus" in module.jobs else []
    outcomes = {"names": names, "forbidden": forbidden, "total": ROUNDS * PAIRS}
    ask.read(CONTROL + _OUTCOMES, 4 * len(names), {"outcomes": outcomes})
    ask.field("values that nobody has written", _UNWRITTEN, bytes(4), "<i4")
    return ask.commands


CASES = [
    Case(
        f"threads/litmus-{test.name}{suffix}",
        job,
        partial(_play, test),
        f"{ROUNDS * PAIRS:,} times, {words}: {test.title}",
        features=("threads", "bulk-memory"),
        deadline=60,
        repeats=REPEATS if job == "litmus" else 1,
    )
    for job, suffix, words in (("litmus", "", "never"), ("litmus-plain", "-plain", "counted, for plain accesses"))
    for test in TESTS
]
