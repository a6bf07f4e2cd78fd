"""wasi-threads: threads that a WASI program starts itself, by `wasi.thread-spawn`; against arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.case import Case
from conformance.cases.wasi import run, said

__all__ = ["CASES"]

_ENDS_SOON = 10.0
"""Seconds for a program whose threads would go on for ever if its end did not take them along."""

_TYPES = {"attr": 36, "mutex": 24, "cond": 48, "rwlock": 32, "barrier": 20}
"""Bytes of the types of musl's pthread.h, where a long and a pointer have 4."""


def _lines(*lines: object) -> Mapping[str, Any]:
    return said("".join(f"{line}\n" for line in lines))


def _case(name: str, title: str, words: str, gives: Mapping[str, Any], deadline: float = 60, **grant: Any) -> Case:
    """One run of the program with these arguments; `gives` as `run` of the cases of WASI has it, or a trap."""

    def script(_module: object) -> list[dict[str, Any]]:
        command = run(*words.split(), gives=gives, **grant)
        return [{**command, "expect": gives} if "trap" in gives else command]

    return Case(f"wasi-threads/{name}", "wasi-threads", script, title, deadline=deadline)


_BASICS = [
    _case("join", "8 threads, each with a value that is joined", "join 8", _lines(*(n * n for n in range(8)))),
    _case(
        "scoped",
        "scoped threads read and write parts of what their parent owns",
        "scoped 4 100001",
        _lines(f"{sum(range(100001))} {2 * sum(range(100001))}"),
    ),
    _case(
        "thread-locals",
        "each thread has thread-locals of its own, and its end drops them",
        "local 8",
        _lines(*(1007 + 2 * n for n in range(8)), f"{sum(1000 + n for n in range(8))} 1000 7"),
    ),
    _case("names", "names, and as many ids as threads", "names 4", _lines(*(f"thread {n}" for n in range(4)), "5 ids")),
    _case("nested", "a thread starts a thread, eight deep", "nested 8", _lines(8)),
    _case("stack-size", "a thread with the stack that it asked for", "stack 3000", _lines(sum(range(3001)))),
    _case(
        "print",
        "threads print to the streams of the program, in the order in which they do",
        "print 4",
        {**_lines("main", *(f"thread {n}" for n in range(4)), "main again"), "stderr": b"to the other\n"},
    ),
    _case(
        "surroundings",
        "a thread sees the arguments and the environment of the program",
        "surroundings one two",
        _lines("surroundings one two", "A=1 B=two"),
        env={"A": "1", "B": "two"},
    ),
    _case("spawn-1000", "a thread is started and joined, a thousand times", "spawns 1000", _lines(sum(range(1001)))),
    _case("at-once-32", "32 threads at once, which meet three times", "barrier 32 3", _lines("leaders 3 others 0")),
]

_AGREEMENTS = [
    _case("mutex", "10,000 additions by each of 4 threads under a Mutex", "mutex 4 10000", _lines(40_000)),
    _case("condvar", "4 threads take turns, 100 each, by a Condvar", "condvar 4 100", _lines("400 true")),
    _case(
        "rwlock",
        "3 write under a RwLock while 3 read, who never see half of it; then 6 read at once",
        "rwlock 6 500",
        _lines("1500 1500 torn 0 readers 6"),
    ),
    _case("barrier", "4 threads at a Barrier, 200 rounds", "barrier 4 200", _lines("leaders 200 others 0")),
    _case(
        "channel",
        "1,000 messages by each of 4 senders: none is lost, each sender's come in order",
        "channel 4 1000",
        _lines(f"4000 sum {4 * sum(range(1000))} disorder 0"),
    ),
    _case("rendezvous", "200 messages there and back without a buffer", "rendezvous 200", _lines(2 * sum(range(200)))),
    _case("once", "8 threads want what is made once", "once 8", _lines(f"{8 * 42} made 1")),
    _case("park", "park and unpark, 200 times there and back", "park 200", _lines(200)),
    replace(
        _case(
            "types",
            "the libc's initialisers fill the types of the headers to their ends, and write no further",
            "types",
            _lines(*(f"pthread_{name}_t {size} of {size}" for name, size in _TYPES.items())),
        ),
        languages=("c",),
    ),
]

_ENDS = [
    _case("panic", "a panic in a thread is the end of the program: a trap", "panic", {"trap": "unreachable"}),
    _case("detached", "a thread that nobody joins does its work", "detached", _lines(42)),
    _case(
        "exit",
        "a thread exits while the main one waits for ever",
        "exit-in-thread 7",
        {"exit": 7, "stdout": b"", "stderr": b""},
        _ENDS_SOON,
    ),
    _case(
        "outlived-waiting",
        "the main thread ends, and with it one that would wait for ever",
        "outlived-waiting",
        _lines("started"),
        _ENDS_SOON,
    ),
    _case(
        "outlived-busy",
        "the main thread ends, and with it one that would be busy for ever",
        "outlived-busy",
        _lines("started"),
        _ENDS_SOON,
    ),
]

CASES = [*_BASICS, *_AGREEMENTS, *_ENDS]
