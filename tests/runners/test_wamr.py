"""WAMR's runner beyond the protocol: what is WAMR's own, and what its page in docs says of it."""

from __future__ import annotations

import base64
import shutil
import signal
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.table import load
from runners.check import Bench
from runners.runtime import InstallError
from runners.targets import parse_target
from runners.wamr import build
from runners.wamr.runtime import WAMR

MODULES = load().modules
TARGETS = [f"wamr-2.4+{interpreter}" for interpreter in build.INTERPRETERS]


Assemble = Callable[[str], bytes]


@pytest.fixture(scope="module", params=TARGETS)
def bench(request: pytest.FixtureRequest, command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """A bench with the runner of each interpreter."""
    with Bench(command_of(request.param)) as bench:
        yield bench


def instance(bench: Bench, wasm: bytes) -> dict[str, Any]:
    """The command that makes an instance."""
    return {"type": "module", **bench.file(wasm)}


def call(field: str, *args: dict[str, str], results: tuple[str, ...] = ("i32",)) -> dict[str, Any]:
    """The command that calls an export."""
    return {"type": "action", "action": {"type": "invoke", "field": field, "args": args}, "results": results}


def wasi(bench: Bench, *args: str, **grant: Any) -> dict[str, Any]:
    """How our Rust WASI module ends, asked for a verb, its output decoded."""
    file = bench.file(MODULES["rust-wasi"].path.read_bytes())
    (seen,) = bench.observe([{"type": "wasi", **file, "args": ["program", *args], **grant}]).results
    return {**seen, **{key: base64.b64decode(seen[key]) for key in ("stdout", "stderr") if key in seen}}


def test_it_says_what_it_is(bench: Bench) -> None:
    """The release that the library names is the target's; the interpreter and the library's size are facts."""
    assert (bench.hello.runtime, bench.hello.version) == ("wamr", WAMR.versions["2.4"])
    assert bench.hello.facts["interpreter"] in build.INTERPRETERS
    size = bench.hello.facts["library"]
    assert size.endswith(" KiB")
    assert 100 < int(size.removesuffix(" KiB")) < 1000


def test_each_interpreter_has_its_features(bench: Bench) -> None:
    """The classic one has several memories and 64 bits of address; neither is built with v128."""
    classic = bench.hello.facts["interpreter"] == "classic"
    assert ({"multi-memory", "memory64"} <= bench.hello.features) == classic
    assert "simd" not in bench.hello.features


def test_a_memory_that_never_grows_keeps_its_size(bench: Bench, wat2wasm: Assemble) -> None:
    """WAMR makes one large page of it; for the script it has the pages of its module, and all its bytes."""
    script = [
        instance(bench, wat2wasm('(module (memory (export "memory") 3) (data (i32.const 196607) "x"))')),
        {"type": "pages"},
        {"type": "read", "address": 196607, "length": 1},
        {"type": "read", "address": 196608, "length": 1},
    ]
    _, pages, last, beyond = bench.observe(script).results
    assert (pages, last) == ({"pages": 3}, {"bytes": "eA=="})
    assert beyond["error"]["phase"] == "memory"


MEMORY = {"type": "memory", "as": ["env", "memory"], "minimum": 3, "maximum": 4}

GROWS = """(module (import "env" "memory" (memory %s))
  (func (export "size") (result i32) memory.size)
  (func (export "grow") (result i32) (memory.grow (i32.const 1))))"""


def test_one_instance_has_the_memory_of_the_script(bench: Bench, wat2wasm: Assemble) -> None:
    """The first instance that imports it makes it, as large as the script says; a second one is unsupported."""
    importer, pages = instance(bench, wat2wasm(GROWS % "1 8")), {"type": "pages"}
    script = [MEMORY, importer, call("size"), pages, call("grow"), call("grow"), pages, importer]
    seen = bench.session.run(script, 30).results  # observe() takes "unsupported" for an end
    values = [result["values"][0]["value"] for result in seen if "values" in result]
    assert values == ["3", "3", str(2**32 - 1)]
    assert [result["pages"] for result in seen if "pages" in result] == [3, 4]
    assert (seen[-1]["error"]["phase"], seen[-1]["error"]["name"]) == ("link", "unsupported")


@pytest.mark.parametrize("limits", ["4 8", "1 2"])
def test_a_memory_of_other_limits_is_not_linked(bench: Bench, wat2wasm: Assemble, limits: str) -> None:
    """A module that wants more pages than the memory has, or grants fewer, is an error of phase link."""
    seen = bench.observe([MEMORY, instance(bench, wat2wasm(GROWS % limits))]).results[-1]
    assert seen["error"]["phase"] == "link"


def test_a_trap_in_an_imported_function_is_that_trap(bench: Bench, wat2wasm: Assemble) -> None:
    """Functions of another instance are called through the host: what ends them ends their caller in the same way."""
    traps = '(module (func (export "f") (result f64) unreachable))'
    calls = '(module (import "lib" "f" (func $f (result f64))) (func (export "g") (result f64) (call $f)))'
    script = [
        instance(bench, wat2wasm(traps)),
        {"type": "register", "as": "lib"},
        instance(bench, wat2wasm(calls)),
        call("g", results=("f64",)),
    ]
    assert bench.observe(script).results[-1]["trap"]["kinds"] == ["unreachable"]


def test_values_pass_through_an_imported_function(bench: Bench, wat2wasm: Assemble) -> None:
    """The bits of an i64 and of a signalling NaN are the same on the other side."""
    mixes = """(module (func (export "f") (param f32 i64) (result i64)
      (i64.xor (local.get 1) (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))"""
    calls = """(module (import "lib" "f" (func $f (param f32 i64) (result i64)))
      (func (export "g") (param f32 i64) (result i64) (call $f (local.get 0) (local.get 1))))"""
    nan, top = {"type": "f32", "value": str(0x7F800001)}, {"type": "i64", "value": str(1 << 63)}
    script = [
        instance(bench, wat2wasm(mixes)),
        {"type": "register", "as": "lib"},
        instance(bench, wat2wasm(calls)),
        call("g", nan, top, results=("i64",)),
    ]
    assert bench.observe(script).results[-1]["values"] == [{"type": "i64", "value": str(1 << 63 | 0x7F800001)}]


def test_a_library_is_initialized_once(bench: Bench, wat2wasm: Assemble) -> None:
    """WAMR calls a WASI library's `_initialize` by itself: the script's own call is that one, and a second is not."""
    library = """(module
      (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
      (memory (export "memory") 1)
      (global $n (mut i32) (i32.const 0))
      (func (export "n") (result i32) (global.get $n))
      (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 1)))))"""
    initialize = call("_initialize", results=())
    script = [instance(bench, wat2wasm(library)), initialize, call("n"), initialize, call("n")]
    seen = bench.observe(script).results
    assert [result["values"][0]["value"] for result in seen if result.get("values")] == ["1", "2"]


@pytest.mark.parametrize("bench", ["wamr-2.4+classic"], indirect=True)  # the other one has no exceptions
def test_rethrow_loses_what_was_thrown(bench: Bench, wat2wasm: Assemble) -> None:
    """An exception thrown again comes without its values (docs/findings.md); when this fails, the finding can go."""
    again = """(module (tag $t (param i32)) (func (export "probe") (result i32)
      try (result i32)
        try (result i32) i32.const 42 throw $t catch_all rethrow 0 end
      catch $t end))"""
    for text, value in ((again, "0"), (again.replace("catch_all rethrow 0", ""), "42")):
        seen = bench.observe([instance(bench, wat2wasm(text)), call("probe")]).results[-1]
        assert seen["values"] == [{"type": "i32", "value": value}]


def test_an_end_reaches_a_thread_that_calls(bench: Bench, wat2wasm: Assemble) -> None:
    """Where there are exceptions it is taken for one (docs/findings.md); when this fails, the finding can go."""
    calls = """(module
      (import "env" "memory" (memory 1 1 shared))
      (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
      (export "memory" (memory 0))
      (func $f)
      (func (export "wasi_thread_start") (param i32 i32)
        (i32.atomic.store (i32.const 0) (i32.const 1))
        (loop (call $f) (br 0)))
      (func (export "_start")
        (drop (call $spawn (i32.const 0)))
        (loop (br_if 0 (i32.eqz (i32.atomic.load (i32.const 0)))))))"""
    script = [{"type": "wasi", **bench.file(wat2wasm(calls)), "args": ["program"]}]
    seen = [bench.session.run(script, 30) for _ in range(40)]
    fine = [
        one
        for one in seen
        if one.end == "done" and (one.results[0]["exit"], one.results[0]["threads"]) == (0, "engine")
    ]
    crashed = [one for one in seen if one.end == "crash" and one.code == -signal.SIGSEGV]
    assert len(fine) + len(crashed) == len(seen)
    assert bool(crashed) == (bench.hello.facts["interpreter"] == "classic")


def test_the_threads_of_a_program_are_gone_with_it(bench: Bench) -> None:
    """One that waits for ever, too: the runner lives on without it."""
    file = bench.file(MODULES["rust-wasi-threads"].path.read_bytes())
    script = [{"type": "wasi", **file, "args": ["program", "outlived-waiting"]}]
    bench.observe(script)
    before = _threads(bench)
    for _ in range(3):
        assert bench.observe(script).results[0]["exit"] == 0
    assert _threads(bench) == before


def _threads(bench: Bench) -> int:
    return len(list(Path(f"/proc/{bench.session.pid}/task").iterdir()))


def test_commands_leave_no_files_open(bench: Bench) -> None:
    """Each command's files and folders are closed when it has ended, after a trap, too."""
    preopens = [{"guest": "/data", "entries": []}]
    wasi(bench, "args", "a", preopens=preopens)
    before = _open_files(bench)
    for _ in range(30):
        assert wasi(bench, "args", "a", preopens=preopens)["stdout"] == b"a\n"
    assert _open_files(bench) <= before


def _open_files(bench: Bench) -> int:
    return len(list(Path(f"/proc/{bench.session.pid}/fd").iterdir()))


def test_the_lock_says_what_the_target_says() -> None:
    """The source is the package's that Cargo.lock has, with a checksum."""
    lock = tomllib.loads((Path(build.__file__).parent / "source" / "Cargo.lock").read_text())
    (package,) = (item for item in lock["package"] if item["name"] == "wamrx-sys")
    assert len(package["checksum"]) == 64
    assert WAMR.sources[0].package == package["name"]


def test_what_is_needed_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a library and without what builds it, the target is missing, and each lacking program is named."""
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    for program in ("make", "cc"):
        (tmp_path / "bin" / program).symlink_to(shutil.which("true") or "/bin/true")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("CC", raising=False)
    state = WAMR.state(parse_target(TARGETS[0], []))
    assert state.kind == "missing"
    assert "cargo" in state.say
    assert "CMake" in state.say
    assert "C compiler" not in state.say
    assert "\n" not in state.say
    with pytest.raises(InstallError, match="CMake"):
        build.build("fast", print)
    assert not list((tmp_path / "cache" / "wamr").glob("build-*"))
