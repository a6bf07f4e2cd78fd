"""wasm-bindgen: Rust on a pool of workers, by the JavaScript that wasm-bindgen writes and a pool as users write it."""

from __future__ import annotations

from typing import Any

from conformance.case import Case
from conformance.cases._script import dollar_module
from conformance.cases.emscripten import DIES, mix, words

__all__ = ["CASES"]

_WORKERS = 4
_STEPS = 500
_BLOCK = 1_000_000
"""Bytes that each worker makes in `growth`."""


def case(name: str, title: str, stdout: str, steps: int = _STEPS, *, in_worker: bool = False) -> Case:
    """One run of the program of that name, in a worker or on the main thread."""

    def build(_module: object) -> list[dict[str, Any]]:
        gives = {"exit": 0, "stdout": f"{stdout}\n".encode(), "stderr": b""}
        args = [name, str(_WORKERS), str(steps)]
        command = {"type": "program", "module": dollar_module, "args": args, "expect": {"program": gives}}
        return [{**command, "in": "worker"} if in_worker else command]

    return Case(f"wasm-bindgen/{'in-worker-' * in_worker}{name}", "worker-pool", build, title)


def _panics(_module: object) -> list[dict[str, Any]]:
    """After a run that ends well: that it could have."""
    well = CASES[0].build(None)
    return [*well, {**well[0], "args": ["panicked", str(_WORKERS), "1"], "expect": {"program": DIES}}]


_GROWN = f"sums {words(_BLOCK * (number + 1) for number in range(_WORKERS))}; {'x' * (_BLOCK // 64)}"
_ONCE = _WORKERS * mix(1, _STEPS) % 2**32

CASES = [
    case(
        "sum",
        "closures sent to a pool's workers, twice as many as there are, and a channel back",
        f"values {words(mix(number, _STEPS) for number in range(2 * _WORKERS))}",
    ),
    case("mutex", "std::sync::Mutex on workers", f"total {_STEPS * sum(range(1, _WORKERS + 1))}"),
    case("condvar", "workers take turns by a Condvar", f"turns {20 * _WORKERS}, in order {20 * _WORKERS}", steps=20),
    case(
        "channel",
        "workers send to one of them through a bounded channel, and none of them loses its order",
        f"out of order 0, each {words([_STEPS] * (_WORKERS - 1))}",
    ),
    case("once", "OnceLock runs once, for workers that a Barrier let go", f"ran 1, sum {_ONCE}"),
    case(
        "channel",
        "the same, started in a worker",
        f"out of order 0, each {words([_STEPS] * (_WORKERS - 1))}",
        in_worker=True,
    ),
    case("locals", "thread_local! is each worker's own, and fresh", "fresh 4, kept 4, addresses 4, main 7"),
    case("growth", "workers grow the memory; the page reads there, and makes a long string", _GROWN, _BLOCK),
    Case("wasm-bindgen/panicked", "worker-pool", _panics, "a panic on a worker is the program's end, and it says so"),
]
