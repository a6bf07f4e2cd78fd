"""mini-racer's runner beyond the protocol: what a bare V8 has not, and we give it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psutil
import pytest

from runners.check import Bench
from runners.check.calls import i32, invoke

TARGET = "miniracer-0.14"


@pytest.fixture(scope="module")
def bench(command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """A bench with its runner."""
    with Bench(command_of(TARGET)) as bench:
        yield bench


def leb128(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + leb128(number >> 7)


def random_module() -> bytes:
    """Exports `get(address, length)`, which is `random_get` and then the first i64 there; a memory of 2 pages."""

    def section(number: int, content: bytes) -> bytes:
        return bytes([number]) + leb128(len(content)) + content

    def name(text: str) -> bytes:
        return leb128(len(text)) + text.encode()

    body = b"\0\x20\0\x20\1\x10\0\x1a\x20\0\x29\3\0\x0b"  # local.get 0, 1; call 0; drop; local.get 0; i64.load
    return b"\0asm\1\0\0\0" + b"".join(
        [
            section(1, b"\2\x60\2\x7f\x7f\1\x7f\x60\2\x7f\x7f\1\x7e"),
            section(2, b"\1" + name("wasi_snapshot_preview1") + name("random_get") + b"\0\0"),
            section(3, b"\1\1"),
            section(5, b"\1\0\2"),
            section(7, b"\2" + name("memory") + b"\2\0" + name("get") + b"\0\1"),
            section(10, b"\1" + leb128(len(body)) + body),
        ]
    )


def test_it_says_what_it_is(bench: Bench) -> None:
    """The release of mini-racer, V8's among the facts, and how fine its clock is."""
    assert (bench.hello.runtime, bench.hello.version) == ("mini-racer", "0.14.1")
    assert bench.hello.facts["v8"].startswith("14.")
    assert bench.hello.facts["clock"] == "1 ms"


def test_random_bytes_are_random(bench: Bench) -> None:
    """Never the same twice, neither in a script nor in the next one; more than there are is an error, not zeros."""
    module = {"type": "module", **bench.file(random_module())}
    ask = invoke("get", i32(0), i32(8), results=("i64",))
    seen = [result["values"][0]["value"] for _ in range(5) for result in bench.run(module, ask, ask)[1:]]
    assert len(set(seen)) == 10
    error = bench.observe([module, invoke("get", i32(0), i32(65_537), results=("i64",))]).results[-1]["error"]
    assert "65536 random bytes" in error["message"]
    assert bench.run(module, ask)[1]["values"]


def test_there_are_no_threads(bench: Bench) -> None:
    """Shared memory there is; who spawns hears that nothing can run there."""
    script = [
        {"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 16, "shared": True},
        bench.module("threads"),
        {"type": "spawn", "workers": 2, "field": "count", "arg": i32(1024)},
    ]
    *made, spawned = bench.observe(script).results
    assert made == [{}, {}]
    assert (spawned["error"]["phase"], spawned["error"]["name"]) == ("spawn", "unsupported")


def test_many_modules_do_not_make_it_grow(bench: Bench) -> None:
    """Each other than the one before: what came by Python's hands is freed."""

    def load(count: int, salt: int) -> None:
        for index in range(count):
            payload = f"{salt}-{index}".encode() + bytes(1 << 18)
            custom = b"\1x" + payload
            bench.run({"type": "module", **bench.file(bench.wasm("calls") + b"\0" + leb128(len(custom)) + custom)})

    load(100, 0)
    assert bench.session.pid
    process = psutil.Process(bench.session.pid)
    before = process.memory_info().rss
    load(300, 1)
    assert process.memory_info().rss - before < 48 << 20
