"""Threads that are none are seen, whatever they answer; what threads gain is told beside what native ones do."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import native
from conformance.cases import CASES
from conformance.cases.programs import mandelbrot
from conformance.config import default_matrix, load_config
from conformance.execute import Executor
from conformance.plan import Cell
from modules.table import load
from runners.runtime import Own, Target
from runners.targets import runtime_of
from tests.conftest import absent, ready

TABLE = load()
SERIAL = Path(__file__).parents[1] / "runners" / "serial.py"
BY_ID = {case.id: case for case in CASES}


def cell(target: Target, case: str, module: str) -> Cell:
    found = TABLE.modules[module]
    return Cell(BY_ID[case], found.language, found.variant, found.label, target, found)


@pytest.fixture
def executor() -> Iterator[Executor]:
    made = Executor(load_config(default_matrix()), TABLE)
    yield made
    made.close()


@pytest.fixture
def serial() -> Target:
    """wasmtime, with workers that run one after the other."""
    right = ready("wasmtime-50")
    python = runtime_of(right).command(right)[0]
    return Target("serial", "own", own=Own((python, "-B", str(SERIAL), "wasmtime"), Path.cwd()))


@pytest.mark.parametrize(
    ("case", "module"),
    [
        ("threads/counter-2", "rust-threads"),
        ("threads/barrier-4", "emscripten-threads"),
        ("threads/reduce-2", "assemblyscript-threads"),
        ("threads/together-2", "wat-parallel"),
        ("threads/bench-own-cells-2", "wat-parallel"),
    ],
)
def test_workers_one_after_the_other_are_no_threads(executor: Executor, serial: Target, case: str, module: str) -> None:
    """Where the answer would be right, and where it would never come: exactly that cause."""
    verdict, _ = executor.run(cell(serial, case, module))
    assert (verdict.status, verdict.cause) == ("fail", "fallback/single-thread")
    assert "worker 0 of 2" in verdict.detail["expected"]


def test_one_worker_is_no_fallback(executor: Executor, serial: Target) -> None:
    """Nothing is wrong with it, nor with what has no threads."""
    for case, module in (("threads/bench-same-cell-1", "wat-parallel"), ("sha256/empty", "rust")):
        assert executor.run(cell(serial, case, module))[0].status == "pass"


def test_a_gain_has_the_native_one_beside_it(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many threads in C, on the same machine; without a compiler there is none."""
    target = ready("wasmtime-50")
    native.compiled.cache_clear()
    verdict, _ = executor.run(cell(target, "threads/reduce-2", "rust-threads"))
    assert verdict.status == "pass"
    assert verdict.detail["speedup"] > 0
    assert ("native" in verdict.detail) == (native.compiled() is not None)
    monkeypatch.setenv("CC", "no-such-compiler")
    native.compiled.cache_clear()
    verdict, _ = executor.run(cell(target, "threads/reduce-4", "rust-threads"))
    assert "native" not in verdict.detail
    assert native.speedup("reduce", 2) is None
    native.compiled.cache_clear()


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_the_native_answer_is_the_right_one(workers: int) -> None:
    """However many threads share the work."""
    program = native.compiled()
    if program is None:
        absent("there is no C compiler")

    def total(*arguments: object) -> int:
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=True)
        return int(done.stdout.split()[1])

    values = [((i * 2654435761) % (1 << 32)) for i in range(1001)]
    signed = [value - (1 << 32) if value >> 31 else value for value in values]
    assert total("reduce", workers, 1001, 7) == sum(value ^ turn for value in signed for turn in range(7))
    assert total("mandelbrot", workers, 51, 100) == int(mandelbrot(51, 100).sum())
