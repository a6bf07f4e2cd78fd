"""javascript: a module's shared memory as JavaScript sees it: its Atomics and wasm's on one cell, waits, views, growth.

ECMA-262, "The Atomics Object"; threads proposal, JS API: a shared memory's buffer is a SharedArrayBuffer of fixed
length, and growth makes a new one over the same data. wat-atomics is the other side.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.case import Case, Expect, Module, Script
from conformance.cases._atomics import INSTRUCTIONS, Instruction
from conformance.cases._browsers import BROWSERS
from conformance.cases._script import Value, gives, i32, i64, noise
from conformance.cases.atomics import AROUND, CELL, CONTROL, MILLISECOND, PAGE, WOKEN, WORKERS, Atomics
from conformance.cases.threads import CONTROL as BLOCK
from conformance.cases.threads import INCREMENTS, Threads

__all__ = ["CASES"]

_JAVASCRIPT = ("threads", "js-atomics")

SECOND = 1000  # ms
SOON = 5 * SECOND
"""When a wait that somebody must end gives up."""


@dataclass(frozen=True)
class Element:
    """A kind of typed array: its class's name without `Array`, its width in bytes, whether its elements have a sign."""

    name: str
    width: int
    signed: bool

    @property
    def array(self) -> str:
        return f"{self.name}Array"

    def value(self, bits: int) -> Value:
        """What an element with these bits is to JavaScript."""
        size = 8 * self.width
        bits &= (1 << size) - 1
        number = bits - (1 << size) if self.signed and bits >> (size - 1) else bits
        return i64(number) if self.width == 8 else i32(number)

    def instruction(self, operation: str) -> Instruction:
        """Wasm's own, of the same width."""
        type_ = "i64" if self.width == 8 else "i32"
        return next(
            one for one in INSTRUCTIONS if (one.operation, one.type, one.width) == (operation, type_, self.width)
        )


ELEMENTS = tuple(
    Element(f"{prefix}{kind}{8 * width}", width, signed)
    for width in (1, 2, 4, 8)
    for kind, prefix, signed in (
        ("Int", "Big" if width == 8 else "", True),
        ("Uint", "Big" if width == 8 else "", False),
    )
)
INT32, BIG_INT64 = Element("Int32", 4, True), Element("BigInt64", 8, True)
WAITED = {32: INT32, 64: BIG_INT64}
"""By the bits of a wait, the kind of array that has it."""

OPERATIONS = {
    "load": "load", "store": "store", "add": "add", "sub": "sub", "and": "and", "or": "or", "xor": "xor",
    "exchange": "xchg", "compareExchange": "cmpxchg",
}  # fmt: skip
"""JavaScript's names of them → wasm's."""


def _view(
    ask: Atomics | Threads, name: str, element: Element | str | None = None, expect: Expect | None = None
) -> None:
    """A view over the memory as it is now; without `element`, the length of the one that has the name."""
    array = element.array if isinstance(element, Element) else element
    ask.add({"type": "view", "name": name, **({"element": array} if array else {})}, expect)


def _atomics(ask: Atomics | Threads, function: str, at: int, *args: Value, expect: Expect, **more: Any) -> None:
    """A function of `Atomics` on the element with the index `at`, of the view `cells` where no other is named."""
    command = {"type": "atomics", "function": function, "view": "cells", "index": at, "args": list(args)}
    ask.add({**command, **more}, expect)


def _asked(module: Module, *, on_main_thread: bool) -> Atomics:
    """A script on one page of memory; on a page's own thread, or where scripts run."""
    ask = Atomics(module)
    if on_main_thread:
        ask.commands.insert(0, {"type": "main-thread"})
    return ask


def _set_by_wasm(ask: Atomics, element: Element, at: int, value: int) -> None:
    """The cell was 0, and is `value` now, written by an instruction of the module."""
    instruction = element.instruction("xchg")
    ask.call(instruction.name, at, instruction.value(value), expect=gives(instruction.value(0)))


def _both_sides(function: str, module: Module) -> Script:
    """What JavaScript writes wasm reads, what wasm writes JavaScript reads, and the neighbours stay."""
    ask = Atomics(module)
    for element in ELEMENTS:
        width, at = element.width, 8 * AROUND
        operation = element.instruction(OPERATIONS[function])
        load, add = element.instruction("load"), element.instruction("add")
        _view(ask, "cells", element)
        for seed in ("one", "two"):
            memory = noise(f"{element.name} {seed}", 2 * AROUND + width)
            old = int.from_bytes(memory[AROUND : AROUND + width], "little")
            wide = int.from_bytes(noise(f"{element.name} {seed} operand", width), "little")
            operands = {0: (), 1: (wide,), 2: (old if seed == "one" else ~old, wide)}[operation.operands]
            outcome = operation.on(memory, AROUND, *operands)
            given = [element.value(operand) for operand in operands]
            answer = given[0] if function == "store" else element.value(old)
            ask.write(at - AROUND, memory)
            what = f"Atomics.{function} of {element.array} on {old:#x}"
            _atomics(ask, function, at // width, *given, expect={**gives(answer), "what": what})
            new = int.from_bytes(outcome.memory[AROUND : AROUND + width], "little")
            ask.call(load.name, at, expect={**gives(load.value(new)), "what": f"wasm's load behind {what}"})
            ask.call(add.name, at, add.value(3), expect=gives(add.value(new)))
            after = {**gives(element.value(new + 3)), "what": f"Atomics.load of {element.array} behind wasm's add"}
            _atomics(ask, "load", at // width, expect=after)
            around = add.on(outcome.memory, AROUND, 3).memory
            ask.read(at - AROUND, len(memory), {"bytes": around, "what": f"memory around it, after {what}"})
    return ask.commands


def _throws(module: Module) -> Script:
    """Indices past the end, arrays of floats, waits that only Int32Array and BigInt64Array have."""
    ask = Atomics(module)
    for element in ELEMENTS:
        _view(ask, "cells", element, gives(i32(PAGE // element.width)))
        last = PAGE // element.width
        _set_by_wasm(ask, element, PAGE - element.width, 7)
        _atomics(ask, "exchange", last - 1, element.value(0), expect=gives(element.value(7)))
        _atomics(ask, "load", last, expect={"thrown": "RangeError", "what": f"past the end of {element.array}"})
        if element not in WAITED.values():
            refused = {"thrown": "TypeError", "what": f"a wait on {element.array}"}
            _atomics(ask, "wait", 0, element.value(1), timeout=0, expect=refused)
            _atomics(ask, "notify", 0, expect={"thrown": "TypeError", "what": f"a notify on {element.array}"})
    for floats in ("Float32Array", "Float64Array", "Uint8ClampedArray"):
        _view(ask, "cells", floats)
        _atomics(ask, "load", 0, expect={"thrown": "TypeError", "what": f"Atomics on {floats}"})
    return ask.commands


# ---- waiting


def _wait(module: Module) -> Script:
    """JavaScript's own wait, for a value that wasm wrote."""
    ask = Atomics(module)
    for element in WAITED.values():
        _view(ask, "cells", element)
        _set_by_wasm(ask, element, CELL, 7)
        at = CELL // element.width
        for other in (8, -1):
            _atomics(ask, "wait", at, element.value(other), timeout=SOON, expect={"string": "not-equal"})
        for milliseconds in (0, 20):
            expect = {"string": "timed-out", "lasts": milliseconds / SECOND}
            _atomics(ask, "wait", at, element.value(7), timeout=milliseconds, expect=expect)
        ask.write(CELL, bytes(8))
    return ask.commands


def _start_waiters(ask: Atomics, bits: int) -> None:
    """WORKERS in wasm, each in a wait of so many bits on the cell, which is 7."""
    ask.write(CONTROL, bits.to_bytes(8, "little"))
    _set_by_wasm(ask, WAITED[bits], CELL, 7)
    ask.start_workers(WORKERS, CONTROL)


def _wakes_wasm(bits: int, module: Module) -> Script:
    """WORKERS wait in wasm; JavaScript wakes them, one with each notify."""
    ask, element = Atomics(module), WAITED[bits]
    _start_waiters(ask, bits)
    _view(ask, "cells", element)
    ones = {**gives(*[i32(1)] * WORKERS), "what": "how many each notify woke"}
    _atomics(ask, "notify", CELL // element.width, i32(1), total=WORKERS, expect=ones)
    ask.join_workers([WOKEN] * WORKERS)
    _atomics(ask, "notify", CELL // element.width, expect=gives(i32(0)))
    return ask.commands


def _spawn_javascript(ask: Atomics, element: Element, function: str, *args: Value, **more: Any) -> None:
    """WORKERS Workers in which JavaScript calls a function of Atomics on the cell."""
    index = CELL // element.width
    call = {"function": function, "element": element.array, "index": index, "args": list(args), **more}
    ask.add({"type": "spawn", "workers": WORKERS, "atomics": call})


def _waiters_in_workers(bits: int, module: Module) -> Script:
    """JavaScript waits in Workers; others in wasm wake one each."""
    ask, element = Atomics(module), WAITED[bits]
    _set_by_wasm(ask, element, CELL, 7)
    _spawn_javascript(ask, element, "wait", element.value(7), timeout=SOON)
    ask.start_workers(WORKERS, CONTROL, "wake_one")
    ask.join_workers([1] * WORKERS)
    ask.add({"type": "join"}, {"workers": {"each": [{"string": "ok"}] * WORKERS}})
    return ask.commands


def _wakers_in_workers(bits: int, module: Module) -> Script:
    """Workers wait in wasm; in others JavaScript wakes one each."""
    ask = Atomics(module)
    _start_waiters(ask, bits)
    _spawn_javascript(ask, WAITED[bits], "notify", i32(1), total=1)
    ask.join_workers([1] * WORKERS)
    ask.join_workers([WOKEN] * WORKERS)
    return ask.commands


def _woken_by_wasm(bits: int, module: Module) -> Script:
    """JavaScript waits, a worker's notify ends it."""
    ask, element = Atomics(module), WAITED[bits]
    _set_by_wasm(ask, element, CELL, 7)
    _view(ask, "cells", element)
    ask.start_workers(1, CONTROL, "wake_one")
    _atomics(ask, "wait", CELL // element.width, element.value(7), timeout=SOON, expect={"string": "ok"})
    ask.join_workers([1])
    return ask.commands


def _wait_async(module: Module, *, on_main_thread: bool = False) -> Script:
    """Each way in which a promise of waitAsync, or the answer in its place, can come out; the notify is wasm's."""
    ask = _asked(module, on_main_thread=on_main_thread)
    for element in WAITED.values():
        at, seven = CELL // element.width, element.value(7)
        _view(ask, "cells", element)
        _set_by_wasm(ask, element, CELL, 7)
        _atomics(ask, "waitAsync", at, element.value(8), timeout=SOON, expect={"string": "not-equal"})
        _atomics(ask, "waitAsync", at, seven, timeout=0, expect={"string": "timed-out"})
        _atomics(ask, "waitAsync", at, seven, timeout=20, bind="late", expect={"string": "async"})
        ask.add({"type": "await", "name": "late"}, {"string": "timed-out", "lasts": 20 / SECOND})
        for name in ("first", "second"):
            _atomics(ask, "waitAsync", at, seven, bind=name, expect={"string": "async"})
        ask.call("memory.atomic.notify", CELL, 1, expect=gives(i32(1)))
        ask.add({"type": "await", "name": "first"}, {"string": "ok"})
        ask.call("memory.atomic.notify", CELL, -1, expect=gives(i32(1)))
        ask.add({"type": "await", "name": "second"}, {"string": "ok"})
        ask.write(CELL, bytes(8))
    return ask.commands


def _async_woken_by_wasm(module: Module, *, on_main_thread: bool = False) -> Script:
    """The notify comes from a worker, while JavaScript's thread is idle."""
    ask = _asked(module, on_main_thread=on_main_thread)
    _view(ask, "cells", INT32)
    _set_by_wasm(ask, INT32, CELL, 7)
    _atomics(ask, "waitAsync", CELL // 4, i32(7), bind="woken", expect={"string": "async"})
    ask.start_workers(1, CONTROL, "wake_one")
    ask.add({"type": "await", "name": "woken"}, {"string": "ok"})
    ask.join_workers([1])
    return ask.commands


def _main_thread(module: Module) -> Script:
    """HTML: the agent of a window cannot block, so that every wait of a page's own thread is refused."""
    ask = _asked(module, on_main_thread=True)
    _view(ask, "cells", INT32)
    _set_by_wasm(ask, INT32, CELL, 7)
    for expected in (7, 8):
        _atomics(ask, "wait", CELL // 4, i32(expected), timeout=0, expect={"thrown": "TypeError"})
        for field, value in (("memory.atomic.wait32", i32), ("memory.atomic.wait64", i64)):
            timeout = i64(MILLISECOND)
            refused = {"failure": [{"trap": True}], "what": f"{field} on the main thread"}
            ask.call(field, CELL, value(expected), timeout, expect=refused, results=("i32",))
    ask.call("memory.atomic.notify", CELL, -1, expect=gives(i32(0)))
    _atomics(ask, "notify", CELL // 4, expect=gives(i32(0)))
    return ask.commands


# ---- together


def _counter(module: Module) -> Script:
    """Two workers of any language add in wasm, JavaScript adds beside them."""
    ask = Threads(module)
    workers, counter = 2, BLOCK + 20
    ask.write(BLOCK, struct.pack("<5i", 1, workers, INCREMENTS, 0, 0).ljust(128, b"\0"))
    _view(ask, "cells", INT32)
    ask.spawn(workers)
    ask.add(
        {
            "type": "atomics", "function": "add", "view": "cells", "index": counter // 4, "args": [i32(1)],
            "repeat": INCREMENTS,
        }
    )  # fmt: skip
    ask.join_workers([INCREMENTS] * workers)
    total = (workers + 1) * INCREMENTS
    ask.field("the counter", 20, struct.pack("<i", total), "<i4")
    _atomics(ask, "load", counter // 4, expect=gives(i32(total)))
    return ask.commands


# ---- growth


def _views(module: Module, *, by_worker: bool = False) -> Script:
    """A view from before growth keeps its length and its memory; a new one sees all."""
    ask = Atomics(module)
    length = PAGE // 4
    _view(ask, "old", INT32, gives(i32(length)))
    if by_worker:
        ask.start_workers(1, 1, "grow_by")
        ask.join_workers([1])
    else:
        ask.call("memory.grow", 1, expect=gives(i32(1)))
    _view(ask, "old", None, {**gives(i32(length)), "what": "the length of a view from before the growth"})
    _view(ask, "new", INT32, {**gives(i32(2 * length)), "what": "the length of a view from after it"})
    _set_by_wasm(ask, INT32, CELL, 7)
    for view in ("old", "new"):
        _atomics(ask, "add", CELL // 4, i32(1), view=view, expect=gives(i32(7 if view == "old" else 8)))
    ask.call("i32.atomic.load", CELL, expect=gives(i32(9)))
    _set_by_wasm(ask, INT32, PAGE, 11)
    _atomics(ask, "exchange", length, i32(12), view="new", expect=gives(i32(11)))
    _atomics(ask, "load", length, view="old", expect={"thrown": "RangeError"})
    ask.call("i32.atomic.load", PAGE, expect=gives(i32(12)))
    return ask.commands


def _detached(module: Module) -> Script:
    """Growth of a memory that is not shared detaches its buffer; its cells have Atomics, too, but no wait."""
    ask = Atomics(module)
    length = PAGE // 4
    _view(ask, "cells", INT32, gives(i32(length)))
    _set_by_wasm(ask, INT32, CELL, 7)
    _atomics(ask, "add", CELL // 4, i32(1), expect=gives(i32(7)))
    ask.call("i32.atomic.load", CELL, expect=gives(i32(8)))
    for expected in (7, 8):
        _atomics(ask, "wait", CELL // 4, i32(expected), timeout=0, expect={"thrown": "TypeError"})
    _atomics(ask, "notify", CELL // 4, expect=gives(i32(0)))
    ask.call("memory.grow", 1, expect=gives(i32(1)))
    _view(ask, "cells", None, {**gives(i32(0)), "what": "the length of a view from before the growth"})
    _atomics(ask, "load", CELL // 4, expect={"thrown": "TypeError"})
    _view(ask, "cells", INT32, gives(i32(2 * length)))
    _atomics(ask, "load", CELL // 4, expect=gives(i32(8)))
    return ask.commands


def _case(name: str, build: Callable[..., Script], title: str, job: str = "javascript", **more: Any) -> Case:
    features = (*_JAVASCRIPT, *(["js-wait-async"] if "async" in name else []))
    return Case(name, job, build, title, features=features, **more)


CASES = [
    *(
        _case(
            f"atomics/javascript-{function.lower()}",
            partial(_both_sides, function),
            f"Atomics.{function} on every kind of element: wasm sees what it wrote, and the other way round",
        )
        for function in OPERATIONS
    ),
    _case("atomics/javascript-throws", _throws, "what Atomics refuses: past the end, floats, waits on the wrong array"),
    _case("atomics/javascript-wait", _wait, "JavaScript's own wait: another value, and a timeout, never early"),
    _case("atomics/javascript-wait-async", _wait_async, "every end of waitAsync; wasm's notify settles its promise"),
    _case("atomics/javascript-views", _views, "a view from before memory.grow keeps its length, and sees writes"),
    _case("atomics/javascript-detached", _detached, "growth of unshared memory detaches its views", "unshared"),
    _case(
        "atomics/main-thread-wait",
        _main_thread,
        "every wait on a page's own thread is refused, JavaScript's and wasm's",
        targets=BROWSERS,
    ),
    _case(
        "atomics/main-thread-wait-async",
        partial(_wait_async, on_main_thread=True),
        "every end of waitAsync on a page's own thread",
        targets=BROWSERS,
    ),
    *(
        _case(
            f"threads/javascript-wakes-wasm-{bits}",
            partial(_wakes_wasm, bits),
            f"{WORKERS} workers in a wait of {bits} bits, woken one by one by Atomics.notify",
            repeats=3,
        )
        for bits in WAITED
    ),
    *(
        _case(
            f"threads/wasm-wakes-javascript-{bits}",
            partial(_woken_by_wasm, bits),
            f"Atomics.wait of {bits} bits, ended by a worker's notify",
            repeats=3,
        )
        for bits in WAITED
    ),
    *(
        _case(f"threads/{name}-in-workers-{bits}", partial(build, bits), f"{title}, {bits} bits", repeats=3)
        for bits in WAITED
        for name, build, title in (
            ("javascript-wakes-wasm", _wakers_in_workers, "workers in a wait, each woken by JavaScript in another"),
            ("wasm-wakes-javascript", _waiters_in_workers, "Atomics.wait in workers, each ended by wasm in another"),
        )
    ),
    _case(
        "threads/wasm-wakes-javascript-async",
        _async_woken_by_wasm,
        "a promise of Atomics.waitAsync, settled by a worker's notify",
        repeats=3,
    ),
    _case(
        "threads/wasm-wakes-main-thread-async",
        partial(_async_woken_by_wasm, on_main_thread=True),
        "the same on a page's own thread, which may wait in no other way",
        targets=BROWSERS,
        repeats=3,
    ),
    _case(
        "threads/javascript-views",
        partial(_views, by_worker=True),
        "a worker grows the memory: JavaScript's views of before and after",
    ),
    _case(
        "threads/javascript-counter",
        _counter,
        f"{INCREMENTS} additions by each of two workers and by JavaScript: none is lost",
        "counter",
    ),
]
