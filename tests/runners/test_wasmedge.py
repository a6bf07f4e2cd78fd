"""WasmEdge's runner beyond the protocol; where its target is set up, which runs of the whole matrix do not ask for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.table import load
from runners.check import Bench
from runners.runtime import InstallError
from runners.targets import parse_target
from runners.wasmedge import packages
from runners.wasmedge.runtime import WASMEDGE

MODULES = load().modules
TARGET = "wasmedge-0.14"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A bench with the runner, where somebody has set it up: it is no target of matrix.yaml."""
    target = parse_target(TARGET, [])
    if (state := WASMEDGE.state(target)).kind != "ready":
        pytest.skip(f"{TARGET} is not set up: {state.say}")
    with Bench(WASMEDGE.command(target)) as bench:
        yield bench


def wasi(bench: Bench, *args: str, **grant: Any) -> dict[str, Any]:
    """How our Rust WASI module ends, asked for a verb, its output decoded."""
    file = bench.file(MODULES["rust-wasi"].path.read_bytes())
    (seen,) = bench.observe([{"type": "wasi", **file, "args": ["program", *args], **grant}]).results
    return {**seen, **{key: base64.b64decode(seen[key]) for key in ("stdout", "stderr") if key in seen}}


def test_it_says_what_it_is(bench: Bench) -> None:
    """The release of the package, and features that are off by default in WasmEdge."""
    assert (bench.hello.runtime, bench.hello.version) == ("wasmedge", WASMEDGE.versions["0.14"])
    assert {"threads", "gc", "exceptions", "multi-memory", "tail-call"} <= bench.hello.features


def test_commands_have_their_own_input_and_output(bench: Bench) -> None:
    """Its WASI has the process's descriptors 0 to 2 and closes them: the next command has its own, none stays open."""
    preopens = [{"guest": "/data", "entries": [{"path": "a.txt", "data": {"base64": "QUJD"}}]}]
    assert wasi(bench, "cat", stdin={"base64": "QUJD"})["stdout"] == b"ABC"
    before = len(list(Path(f"/proc/{bench.session.pid}/fd").iterdir()))
    for _ in range(10):
        assert wasi(bench, "read", "/data/a.txt", preopens=preopens)["stdout"] == b"ABC"
        assert wasi(bench, "exit", "7")["exit"] == 7
    assert len(list(Path(f"/proc/{bench.session.pid}/fd").iterdir())) <= before


def test_machine_code_is_no_module(bench: Bench) -> None:
    """WasmEdge would load a shared library as a compiled module, and run it: the runner takes WebAssembly alone."""
    (seen,) = bench.observe([{"type": "module", **bench.file(b"\x7fELF" + bytes(60))}]).results
    assert seen["error"]["phase"] == "compile"


def test_what_is_needed_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without apt the target is missing, and nothing is begun."""
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    state = WASMEDGE.state(parse_target(TARGET, []))
    assert state.kind == "missing"
    assert "apt-get" in state.say
    assert "\n" not in state.say
    with pytest.raises(InstallError, match="apt-get"):
        packages.fetch(print)
    assert not list((tmp_path / "cache" / "wasmedge").glob("fetch-*"))


def test_catch_all_still_moves_locals(bench: Bench, wat2wasm: Callable[[str], bytes]) -> None:
    """What docs/findings.md says of it; a right 42 means that it is mended."""
    wasm = wat2wasm(
        '(module (tag $t (param i32)) (func (export "kept") (param i32) (result i32)'
        " (block $caught (try_table (catch_all $caught) (throw $t (i32.const 7)))) (local.get 0)))"
    )
    call = {"type": "invoke", "field": "kept", "args": [{"type": "i32", "value": "42"}]}
    (_, seen) = bench.observe(
        [{"type": "module", **bench.file(wasm)}, {"type": "action", "action": call, "results": ["i32"]}]
    ).results
    assert seen["values"] == [{"type": "i32", "value": "7"}]
