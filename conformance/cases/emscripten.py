"""emscripten: programs of POSIX and C++ threads with the JavaScript that Emscripten writes, as their users start them.

A program is run with its name, how many threads it starts and how much each of them does; what it must say is reckoned
here. What differs between pages and processes is the hosts' own: a page's worker does not begin before the page returns
to its event loop (the response to its script is handed over in a task of whoever made it: HTML, "run a worker"; Fetch,
task destination; https://github.com/whatwg/html/issues/10228), while a thread of node's begins at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.case import Case
from conformance.cases._script import dollar_module

__all__ = ["CASES", "DIES", "mix", "words"]

DIES = {"dies": True, "stdout": b""}
"""Of a program that says nothing and fails."""

_THREADS = 4
"""As many as the pool has workers."""

_BLOCK = 8 << 20
"""Bytes that each thread of `growth` fills with its number, from 1."""
_LATE = 1000


def run(name: str, steps: int, stdout: str | Mapping[str, str], threads: int = _THREADS, **more: Any) -> dict[str, Any]:
    """One run of a program; success unless `more` has another exit code."""
    gives = {"exit": 0, "stdout": stdout.encode() if isinstance(stdout, str) else stdout, "stderr": b"", **more}
    args = [name, str(threads), str(steps)]
    return {"type": "program", "module": dollar_module, "args": args, "expect": {"program": gives}}


def dies(name: str) -> dict[str, Any]:
    """One run of a program that a thread of its own ends, badly, before it has said anything."""
    return {**run(name, 1, ""), "expect": {"program": DIES}}


def by_host(command: dict[str, Any], page: str, process: str) -> dict[str, Any]:
    """The same run, whose output differs between these hosts."""
    program = {key: value for key, value in command["expect"]["program"].items() if key != "stdout"}
    hosts = {"page": {"stdout": page.encode()}, "process": {"stdout": process.encode()}}
    return {**command, "expect": {"program": {**program, "on": hosts}}}


def in_worker(command: dict[str, Any]) -> dict[str, Any]:
    """The same run in a worker."""
    return {**command, "in": "worker"}


def mix(seed: int, steps: int) -> int:
    """The number that a thread makes of its own: `steps` of a linear congruential generator."""
    for _ in range(steps):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
    return seed


def case(name: str, title: str, *runs: dict[str, Any], job: str = "pthreads") -> Case:
    """Runs that ask one thing together."""
    return Case(f"emscripten/{name}", job, lambda _: [dict(one) for one in runs], title)


def total(steps: int) -> int:
    """The sum of all threads' numbers, as 32 bits hold it."""
    return sum(mix(number, steps) for number in range(_THREADS)) & 0xFFFFFFFF


def words(numbers: Iterable[int]) -> str:
    """As they are printed."""
    return " ".join(map(str, numbers))


def thrown(steps: int) -> str:
    """Each of thread k's exceptions leaves k + 1 frames."""
    unwound = sum(steps * (number + 1) for number in range(_THREADS))
    return f"caught {steps * _THREADS}, unwound {unwound}, crossed {words(range(_THREADS))}\n"


_JOINED = run("join", 5000, f"sum {total(5000)}\n")
_QUEUED = run("condition", 100, f"held 0, out of order 0, each {words([100] * _THREADS)}\n")
_THROWN = run("exceptions", 50, thrown(50))
_EXITED = run("exit", 5, "", exit=5)
_BADLY = {
    "aborted": "a thread that calls abort()",
    "uncaught": "an exception that a thread does not catch",
    "trapped": "a trap in a thread",
}
"""How a thread ends its program; before such a program one is run that ends well: that this one could have."""

_FILLED = [_BLOCK * (number + 1) for number in range(_THREADS)]
_GROWN = f"grown, sums {words([*_FILLED[1:], _FILLED[0]])}, seen by main {words(_FILLED)}\n"
_LOCALS = ("fresh", "kept", "addresses", "constructed", "destroyed")
_VALUE = f"value {mix(1, _LATE)}\n"
_EXHAUSTED = by_host(
    run("exhausted", 1, ""),
    page="one more: EAGAIN, after the others: started\n",
    process="one more: started, after the others: started\n",
)

CASES = [
    case("join", "what each thread returns is what its join gets", _JOINED),
    case(
        "mutex",
        "nothing added under a mutex is lost",
        run("mutex", 500, f"total {500 * sum(range(1, _THREADS + 1))}\n"),
    ),
    case(
        "condition",
        "a bounded queue by two condition variables loses nothing and keeps each thread's order",
        _QUEUED,
    ),
    case(
        "barrier",
        "nobody passes a barrier before all are there, and each time one of them is the serial thread",
        run("barrier", 50, "errors 0, serial 100\n"),
    ),
    case(
        "once", "pthread_once runs once, and who comes meanwhile waits", run("once", 1, f"ran 1, complete {_THREADS}\n")
    ),
    case(
        "keys",
        "a key has a value for each thread, and its destructor gets each once",
        run("keys", 1, f"own {_THREADS}, destroyed {_THREADS}, total {sum(range(1, _THREADS + 1))}, main none\n"),
    ),
    case(
        "thread-locals",
        "each thread has a fresh thread_local object, keeps its own, and destroys it",
        run("locals", 1, ", ".join(f"{what} {_THREADS}" for what in _LOCALS) + "\n"),
    ),
    case("std-thread", "std::thread and std::mutex", run("std-thread", 5000, f"sum {total(5000)}\n")),
    case(
        "std-async",
        "std::async, each on a thread of its own, and its future",
        run("std-async", 5000, f"values {words([mix(number, 5000) for number in range(_THREADS)])}\n"),
    ),
    case(
        "exceptions",
        "C++ exceptions in threads: caught, with every frame unwound, and carried over by a future",
        _THROWN,
    ),
    case("exit", "exit() on a thread ends the program with its code", _EXITED),
    *(
        case(name, f"{what} is the end of the program, and it says so", _JOINED, dies(name))
        for name, what in _BADLY.items()
    ),
    case(
        "pool-exhausted",
        "a page that blocks starts as many threads as its pool has workers and uses them again; a process starts more",
        _EXHAUSTED,
        job="pthread-pool",
    ),
    case(
        "no-pool",
        "without a pool, a thread runs when the main thread returns to the event loop",
        run("returning", _LATE, _VALUE, threads=1),
        job="pthread-no-pool",
    ),
    case(
        "no-pool-blocks",
        "without a pool, a page that blocks keeps its thread from beginning, and a process does not",
        by_host(
            run("blocked", _LATE, "", threads=1),
            page=f"began while main blocked: no\n{_VALUE}",
            process=f"began while main blocked: yes\n{_VALUE}",
        ),
        job="pthread-no-pool",
    ),
    case(
        "proxy",
        "with PROXY_TO_PTHREAD main has a thread of its own, and may block on threads that no pool has",
        run("where", 1, f"main on a thread of its own, joined {_THREADS}\n"),
        _JOINED,
        job="pthread-proxy",
    ),
    case("proxy-exceptions", "the same program: exceptions", _THROWN, job="pthread-proxy"),
    case("proxy-exit", "the same program: exit()", _EXITED, job="pthread-proxy"),
    case("proxy-uncaught", f"the same program: {_BADLY['uncaught']}", _JOINED, dies("uncaught"), job="pthread-proxy"),
    case(
        "growth",
        "threads grow the memory, and all of them and main see what the others wrote there",
        run("growth", 1, _GROWN),
        job="pthread-growth",
    ),
    case(
        "in-worker",
        "a program in a worker, where main may block: joins, condition variables, exceptions",
        *(in_worker(one) for one in (_JOINED, _QUEUED, _THROWN)),
    ),
    case("in-worker-exit", "the same: exit() on a thread", in_worker(_EXITED)),
    case("in-worker-uncaught", f"the same: {_BADLY['uncaught']}", in_worker(_JOINED), in_worker(dies("uncaught"))),
    case(
        "in-worker-pool-exhausted",
        "the same: a worker of a page starts no thread while it blocks either; one of a process does",
        in_worker(_EXHAUSTED),
        job="pthread-pool",
    ),
    case(
        "in-worker-no-pool",
        "the same without a pool: a thread runs, whether it begins while the worker blocks (Firefox) or only later",
        in_worker(run("blocked", _LATE, {"matches": f"began while main blocked: (yes|no)\n{_VALUE}"}, threads=1)),
        job="pthread-no-pool",
    ),
    case(
        "in-worker-proxy",
        "a program in a worker, whose main has yet another thread",
        in_worker(run("where", 1, f"main on a thread of its own, joined {_THREADS}\n")),
        job="pthread-proxy",
    ),
    case(
        "in-worker-growth",
        "a program in a worker, whose threads grow the memory",
        in_worker(run("growth", 1, _GROWN)),
        job="pthread-growth",
    ),
]
