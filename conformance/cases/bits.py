"""bits: threads that change one cell at once by each read-modify-write instruction, as modules/text/bits.wat has it."""

from __future__ import annotations

import struct

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, gives, i32

__all__ = ["CASES"]

WORKERS, ROUNDS = 4, 10_000
KINDS = ("i32 of 8 bits", "i32 of 16", "i32", "i64 of 8 bits", "i64 of 16", "i64 of 32", "i64")
_INSTRUCTIONS = ("or", "and", "xor", "add", "sub", "cmpxchg")

_CELLS, _WRONG, _TOKENS = 4096, 8192, 12288


def _own_bits(module: Module) -> Script:
    ask = Ask(module, instantiate=False)
    ask.shared_memory(1, 1)
    ask.instance()
    tokens = [8 << number for number in range(WORKERS + 1)]
    ask.write(_CELLS, struct.pack("<3q8x", 0, tokens[-1], 0) * len(KINDS))
    for worker in range(WORKERS):
        ask.write(_TOKENS + 32 * worker, struct.pack("<i", tokens[worker]) * len(KINDS))
    ask.start_workers(WORKERS, ROUNDS)
    ask.join_workers([ROUNDS] * WORKERS)
    for number, kind in enumerate(KINDS):
        for place, name in enumerate(_INSTRUCTIONS):
            what = f"how often {name} of {kind} gave another's bit for its own"
            address = _WRONG + 32 * number + 4 * place
            ask.read(address, 4, {"bytes": bytes(4), "dtype": "<i4", "what": what})
        for place, cell in ((0, "bits"), (16, "additions")):
            ask.read(
                _CELLS + 32 * number + place, 8, {"bytes": bytes(8), "what": f"the cell of {cell} of {kind} in the end"}
            )
        exchanged = {**gives(i32(sum(tokens))), "what": f"the sum of what xchg of {kind} exchanged"}
        ask.call("tokens", number, WORKERS, expect=exchanged)
    return ask.commands


CASES = [
    Case(
        "threads/own-bits-4",
        "bits",
        _own_bits,
        "4 workers change a bit each of one cell by every read-modify-write: none is lost, none is another's",
        features=("threads",),
        deadline=60,
    ),
]
