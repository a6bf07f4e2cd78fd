"""The adapter of wasmtime: the binding's faults, the probes of features, and compiled modules on disk."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runners.session import Session
from runners.targets import known_targets

ROOT = Path(__file__).parents[2]
TARGETS = [name for name in known_targets([]) if name.startswith("wasmtime-")]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    """The name of a target of wasmtime."""
    name: str = request.param
    return name


@pytest.fixture
def inside(target: str, command_of: Callable[[str], list[str]]) -> Run:
    """Runs Python inside the target's own environment, with the repository to import from."""
    python = command_of(target)[0]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run([python, "-B", *arguments], env=environment, capture_output=True, text=True, timeout=60)

    return run


def test_faults_of_the_binding_are_still_there(inside: Run) -> None:
    """Each fault that `_binding.py` works around exists: where this fails, its work-around can go."""
    seen = inside(
        "-c", "from runners.wasmtime._binding import *; import json; print(json.dumps([faults(), list(FAULTS)]))"
    )
    assert seen.returncode == 0, seen.stderr
    found, known = json.loads(seen.stdout)
    assert found == known, "mended upstream: " + ", ".join(set(known) - set(found))


def test_asking_for_a_type_with_v128_aborts(inside: Run) -> None:
    """The C interface still has no v128 in a function's type, and aborts: why the adapter never asks for one."""
    program = """if True:
        import wasmtime
        module = wasmtime.Module(wasmtime.Engine(), '(module (func (export "f") (param v128)))')
        str(module.exports[0].type.params[0])
    """
    assert inside("-c", program).returncode == -signal.SIGABRT


def test_the_modules_of_the_check_are_made_from_their_text(inside: Run) -> None:
    """check/modules.json is what its text gives."""
    path = str(ROOT / "runners" / "check" / "texts.py")
    seen = inside("-c", f"import runpy; runpy.run_path({path!r}, run_name='__main__')")
    assert seen.returncode == 0, seen.stderr


def _script(path: Path) -> list[dict[str, Any]]:
    module = {"type": "module", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "path": str(path)}
    call = {"type": "action", "action": {"type": "invoke", "field": "answer", "args": []}, "results": ["i32"]}
    return [module, call]


def _module(padding: int) -> bytes:
    """A module that exports `answer() -> 42` and has `padding` bytes of a custom section, at most 2 MiB."""
    body = bytes.fromhex("0061736d 01000000 01050160 00017f 03020100 070a01 06616e73776572 0000 0a06010400412a0b")
    content = b"\x01x" + bytes(padding)
    size = len(content)
    return body + bytes([0, size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14]) + content


def test_compiled_modules_are_kept_on_disk(target: str, command_of: Callable[[str], list[str]], tmp_path: Path) -> None:
    """A module is compiled once for all sessions; a damaged file is replaced, never written into."""
    large, small = tmp_path / "large.wasm", tmp_path / "small.wasm"
    large.write_bytes(_module(20_000))
    small.write_bytes(_module(10))
    cache = tmp_path / "cache"
    command = [*command_of(target), "--cache", str(cache)]

    def answers() -> None:
        with Session(command) as session:
            for path in (large, small):
                seen = session.run(_script(path), 20)
                assert [dict(result).get("values") for result in seen.results] == [
                    None,
                    [{"type": "i32", "value": "42"}],
                ]

    answers()
    (kept,) = (path for path in cache.rglob("*") if path.is_file())
    first = kept.stat()
    answers()
    assert kept.stat().st_ino == first.st_ino, "it was taken from the disk"
    kept.write_bytes(b"damaged")
    damaged = kept.stat()
    answers()
    assert kept.stat().st_size == first.st_size
    assert kept.stat().st_ino != damaged.st_ino or kept.stat().st_size != damaged.st_size
    assert list(cache.rglob("*.part")) == []
