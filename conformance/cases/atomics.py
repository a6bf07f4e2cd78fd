"""atomics: every atomic instruction against a model, its traps, and waiting; on memories shared and not shared.

modules/text/atomics.wat exports each instruction under its name, with two static offsets besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from conformance.case import Case, Module, Script
from conformance.cases._atomics import INSTRUCTIONS, OPERATIONS, Instruction
from conformance.cases._script import Ask, gives, i32, i64, noise

__all__ = ["CASES"]

PAGE = 65536
OFFSET = 65528
"""The larger static offset of the exports: just below the memory's end."""

AROUND = 16
"""Bytes before and behind an access that must stay as they are."""

UNALIGNED = {"trap": "unaligned atomic"}
OUTSIDE = {"trap": "out of bounds memory access"}
NOT_SHARED = {"trap": "expected shared memory"}

WOKEN, NOT_EQUAL, TIMED_OUT = 0, 1, 2
MILLISECOND = 1_000_000  # ns

CONTROL, WORKERS = 256, 4
CELL = CONTROL + 8
"""Where the workers of `thread_entry` wait."""


class Atomics(Ask):
    """A script on one page of memory: the module's own, or a shared one that the host makes."""

    def __init__(self, module: Module) -> None:
        super().__init__(module, instantiate=False)
        self.fresh()

    def fresh(self) -> None:
        if "env.memory" in self.module.imports:
            self.shared_memory(1, 2)
        self.instance()

    def instruction(
        self, instruction: Instruction, at: int, memory: bytes, *operands: int, offset: int = 0, form: str = ""
    ) -> None:
        """Asks it at address `at` amid `memory` (AROUND bytes on either side that there are), and what stands there.

        `form` names another of its exports than the one with that static offset.
        """
        first = max(0, at + offset - AROUND)
        outcome = instruction.on(memory, at + offset - first, *operands)
        self.write(first, memory)
        form = form or (f"offset={offset}" if offset else "")
        field = f"{instruction.name} {form}".rstrip()
        values = [instruction.value(operand) for operand in operands]
        expect = gives() if outcome.result is None else gives(instruction.value(outcome.result))
        shown = ", ".join(f"0x{operand:x}" for operand in operands)
        what = f"{field}({shown}) at {at} of memory {memory[at + offset - first :][: instruction.width].hex()}"
        self.call(field, at, *values, expect={**expect, "what": what})
        self.read(first, len(memory), {"bytes": outcome.memory, "what": f"memory around it, after {what}"})

    def trap(self, instruction: Instruction, at: int, expect: dict[str, str], offset: int = 0) -> None:
        field = f"{instruction.name} offset={offset}" if offset else instruction.name
        values = [instruction.value(-1)] * instruction.operands
        self.call(field, at, *values, expect={**expect, "what": f"{field} at {at}"}, results=instruction.results)


def _operands(instruction: Instruction) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    """(what stands in memory, operands): wrap-around, every bit, and operands wider than the access."""
    width = instruction.width
    top, mask = 1 << 8 * width - 1, (1 << 8 * width) - 1
    pattern = int.from_bytes(noise(instruction.name, width), "little")
    wide = int.from_bytes(noise(f"{instruction.name} operand", 8), "little")
    olds = (0, mask, top, top - 1, pattern)
    for old in olds:
        memory = old.to_bytes(width, "little")
        match instruction.operands:
            case 0:
                yield memory, ()
            case 1:
                for operand in (0, 1, mask, top, wide):
                    yield memory, (operand,)
            case _:
                beyond = ~mask & 0x5A5A5A5A5A5A5A5A  # bits that a narrow access must not look at
                for expected in (old, old ^ 1, old ^ top, old | beyond):
                    yield memory, (expected, wide)


def _against_model(operation: str, module: Module) -> Script:
    ask = Atomics(module)
    for instruction in INSTRUCTIONS:
        if instruction.operation == operation:
            at = 64 + instruction.width
            around = noise(operation, AROUND), noise(f"{operation} behind", AROUND)
            for memory, operands in _operands(instruction):
                ask.instruction(instruction, at, around[0] + memory + around[1], *operands)
    return ask.commands


def _edges(module: Module) -> Script:
    """The first and the last address, and an address that is aligned only with its offset."""
    ask = Atomics(module)
    for instruction in INSTRUCTIONS:
        width, operands = instruction.width, (3,) * instruction.operands
        behind = noise(instruction.name, width + AROUND)
        ask.instruction(instruction, 0, behind, *operands)
        ask.instruction(instruction, PAGE - width, behind[::-1], *operands)
        ask.instruction(instruction, 8 - width, noise("last", AROUND + width), *operands, offset=OFFSET)
        ask.instruction(instruction, 63, noise("one", 2 * AROUND + width), *operands, offset=1)
    return ask.commands


def _unaligned(module: Module) -> Script:
    ask = Atomics(module)
    ask.write(0, b"\xa5" * 256)
    for instruction in INSTRUCTIONS:
        for step in range(1, instruction.width):
            ask.trap(instruction, 64 + step, UNALIGNED)
        if instruction.width > 1:
            ask.trap(instruction, 64, UNALIGNED, offset=1)
    for step in range(1, 4):
        ask.call("memory.atomic.notify", 64 + step, 1, expect=UNALIGNED, results=("i32",))
    ask.call("memory.atomic.notify offset=1", 64, 1, expect=UNALIGNED, results=("i32",))
    ask.read(0, 256, {"bytes": b"\xa5" * 256, "what": "memory after accesses that trapped"})
    return ask.commands


def _outside(module: Module) -> Script:
    ask = Atomics(module)
    ask.write(PAGE - 256, b"\xa5" * 256)
    for instruction in INSTRUCTIONS:
        for at in (PAGE, (1 << 32) - instruction.width):
            ask.trap(instruction, at, OUTSIDE)
        # The address and its offset do not wrap around 2^32.
        for at in (8, (1 << 32) - 8):
            ask.trap(instruction, at, OUTSIDE, offset=OFFSET)
    for field, at in (("memory.atomic.notify", PAGE), (f"memory.atomic.notify offset={OFFSET}", (1 << 32) - 8)):
        ask.call(field, at, 1, expect={**OUTSIDE, "what": f"{field} at {at}"}, results=("i32",))
    ask.read(PAGE - 256, 256, {"bytes": b"\xa5" * 256, "what": "memory after accesses that trapped"})
    return ask.commands


def _grown(module: Module) -> Script:
    """What was outside is inside once the memory has grown; and past its new end is outside."""
    ask = Atomics(module)
    ask.call("memory.grow", 1, expect=gives(i32(1)))
    for instruction in INSTRUCTIONS:
        ask.instruction(instruction, PAGE, noise("grown", 2 * AROUND + 8), *(5,) * instruction.operands)
        ask.trap(instruction, 2 * PAGE, OUTSIDE)
    return ask.commands


def _called(module: Module) -> Script:
    """Operands that calls gave. All are multiples of 8, and small: one taken for another is seen, and not trapped."""
    ask = Atomics(module)
    for instruction in INSTRUCTIONS:
        around = noise(instruction.name, AROUND)
        old = (0x18).to_bytes(instruction.width, "little")
        operands = (0x18, 0x28)[2 - instruction.operands :]
        ask.instruction(instruction, 64, around + old + around, *operands, form="called")
    ask.read(0, 48, {"bytes": bytes(48), "what": "memory that nobody has written"})
    return ask.commands


def _fence(module: Module) -> Script:
    ask = Atomics(module)
    ask.write(0, noise("fence", 64))
    ask.call("atomic.fence", 7, expect=gives(i32(7)))
    ask.read(0, 64, {"bytes": noise("fence", 64), "what": "memory after a fence"})
    return ask.commands


# ---- waiting

_WAITS = (("memory.atomic.wait32", 4, i32), ("memory.atomic.wait64", 8, i64))


def _not_equal(module: Module) -> Script:
    ask = Atomics(module)
    for field, width, value in _WAITS:
        for at in (0, 64, PAGE - width):
            ask.write(at, (7).to_bytes(width, "little"))
            for expected in (8, -1, 7 | 1 << 8 * width - 1):
                for timeout in (-1, 0, 1000):
                    what = {"what": f"{field} at {at} for a value that is not there"}
                    ask.call(field, at, value(expected), i64(timeout), expect={**gives(i32(NOT_EQUAL)), **what})
    return ask.commands


def _timeout(module: Module) -> Script:
    ask = Atomics(module)
    for field, width, value in _WAITS:
        for at in (0, 64, PAGE - width):
            ask.write(at, (7).to_bytes(width, "little"))
            for milliseconds in (0, 1, 20):
                lasts = {"lasts": milliseconds / 1000, "what": f"{field} at {at} for {milliseconds} ms"}
                timeout = i64(milliseconds * MILLISECOND)
                ask.call(field, at, value(7), timeout, expect={**gives(i32(TIMED_OUT)), **lasts})
    return ask.commands


def _wait_traps(module: Module) -> Script:
    ask = Atomics(module)
    for field, width, value in _WAITS:
        for step in range(1, width):
            ask.call(field, 64 + step, value(0), i64(0), expect=UNALIGNED, results=("i32",))
        ask.call(f"{field} offset=1", 64, value(0), i64(0), expect=UNALIGNED, results=("i32",))
        for at in (PAGE, (1 << 32) - 8):
            ask.call(field, at, value(0), i64(0), expect=OUTSIDE, results=("i32",))
        ask.call(f"{field} offset={OFFSET}", (1 << 32) - 8, value(0), i64(0), expect=OUTSIDE, results=("i32",))
        ask.call(f"{field} offset={OFFSET}", 0, value(1), i64(0), expect=gives(i32(NOT_EQUAL)))
    return ask.commands


def _nobody_waits(module: Module) -> Script:
    ask = Atomics(module)
    for at in (0, 4, PAGE - 4):
        for count in (0, 1, 2, -1):
            ask.call("memory.atomic.notify", at, count, expect=gives(i32(0)))
    ask.call("atomic.fence", 7, expect=gives(i32(7)))  # 0 is also what a module gives that does nothing
    return ask.commands


def _not_shared(module: Module) -> Script:
    ask = Atomics(module)
    for field, _, value in _WAITS:
        for at, expected in ((0, 0), (64, 1)):
            ask.call(field, at, value(expected), i64(0), expect=NOT_SHARED, results=("i32",))
    ask.call("memory.atomic.notify", 0, -1, expect=gives(i32(0)))
    return ask.commands


def _wake(bits: int, count: int, module: Module) -> Script:
    """WORKERS wait for one cell; the script's own instance wakes them, at most `count` at a time."""
    ask = Atomics(module)
    ask.write(CONTROL, bits.to_bytes(8, "little") + (7).to_bytes(8, "little"))
    ask.start_workers(WORKERS, CONTROL)
    ask.call("wake", CELL, count, WORKERS, expect={**gives(i32(WORKERS)), "what": "how many were woken, one by one"})
    ask.join_workers([WOKEN] * WORKERS)
    ask.call("memory.atomic.notify", CELL, -1, expect={**gives(i32(0)), "what": "a notify behind the last waiter"})
    return ask.commands


def _case(name: str, build: Callable[..., Script], title: str, job: str = "atomics", repeats: int = 1) -> Case:
    return Case(name, job, build, title, features=("threads",), repeats=repeats)


CASES = [
    *(
        _case(
            f"atomics/{name}", partial(_against_model, name), f"{name} of 8, 16, 32 and 64 bits; neighbours untouched"
        )
        for name in OPERATIONS
    ),
    _case("atomics/edges", _edges, "the first and the last address, and static offsets"),
    _case("atomics/unaligned", _unaligned, "an address that is no multiple of the width traps, and nothing is changed"),
    _case("atomics/out-of-bounds", _outside, "past the end traps, also where address and offset pass 2^32"),
    _case("atomics/grown", _grown, "a page that the memory has grown by"),
    _case("atomics/called", _called, "operands that calls gave: an engine may keep those elsewhere than in a register"),
    _case("atomics/fence", _fence, "a fence changes nothing"),
    _case("atomics/nobody-waits", _nobody_waits, "a notify without waiters wakes none"),
    _case("atomics/wait-not-equal", _not_equal, "a wait for a value that is not there ends at once", "waiting"),
    _case("atomics/wait-timeout", _timeout, "a wait that nobody ends lasts as long as it says, never less", "waiting"),
    _case("atomics/wait-traps", _wait_traps, "a wait at a wrong address traps", "waiting"),
    _case("atomics/wait-not-shared", _not_shared, "a wait on a memory that is not shared traps", "unshared"),
    *(
        _case(
            f"threads/wake-{bits}-{name}",
            partial(_wake, bits, count),
            f"{WORKERS} workers in a wait of {bits} bits, woken {words}: each once",
            "waiting",
            repeats=3,  # who waits when a wake comes is a matter of timing
        )
        for bits in (32, 64)
        for name, count, words in (("one", 1, "one by one"), ("two", 2, "two by two"), ("all", -1, "all at once"))
    ),
]
