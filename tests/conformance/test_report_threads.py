"""The table of threads, in every report that people read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.report import render
from conformance.report.threads import table
from tests.conformance.report_sample import RUN, record

SPEED = {"value": 192_300_000.0, "unit": "additions/s"}
CELLS = (
    record("threads/bench-same-cell-2[text]", "node-24", "pass", detail={"speed": SPEED}),
    record("threads/bench-same-cell-2[text]", "wasmtime-50", "fail", cause="engine/wrong-value"),
    record("threads/reduce-2[rust]", "node-24", "pass", detail={"speedup": 1.9, "native": 1.96}),
    record("threads/reduce-2[text]", "node-24", "pass", detail={"speedup": 1.7, "native": 1.96}),
    record("threads/reduce-2[rust]", "wasmtime-50", "pass", detail={"speedup": 1.94}),
    record("threads/spawn-at-once[text]", "node-24", "pass", detail={"most_threads": 96, "refused": "memory-limit"}),
    record("threads/spawn-at-once[text]", "wasmtime-50", "pass", detail={"most_threads": 1024}),
)
RUN_WITH = replace(RUN, records=CELLS)


def test_a_number_for_each_target_that_has_one() -> None:
    """The median of the modules; beside it what native threads gained, where that was measured."""
    same, reduce, _ = table(CELLS, ["wasmtime-50", "node-24", "chromium+none"])
    assert (same.name, same.unit, same.cells) == ("same-cell-2", "additions/s", ["", "192M", ""])
    assert (reduce.name, reduce.unit, reduce.cells) == ("reduce-2", "speed-up", ["1.94", "1.80 of 1.96", ""])


def test_how_many_threads_there_were() -> None:
    """Until the runtime said no; or more than was asked for."""
    *_, at_once = table(CELLS, ["wasmtime-50", "node-24", "chromium+none"])
    assert (at_once.name, at_once.unit, at_once.cells) == ("spawn-at-once", "threads", ["1,024+", "96", ""])


def test_cases_of_one_name_are_told_apart() -> None:
    """Threads on one memory, and workers that share none, do the same work: each has a row."""
    ids = ("threads/mandelbrot-2[rust]", "shared-nothing/mandelbrot-2[rust]")
    cells = tuple(record(id_, "node-24", "pass", detail={"speedup": 1.5 + number}) for number, id_ in enumerate(ids))
    assert [row.name for row in table(cells, ["node-24"])] == ["mandelbrot-2", "shared-nothing/mandelbrot-2"]
    assert {"1.50", "2.50"} <= set(render(replace(RUN, records=cells), "text").split())


@pytest.mark.parametrize("form", ["html", "markdown", "text"])
def test_each_report_has_it(form: str) -> None:
    """With its numbers; without any it is not there."""
    page = render(RUN_WITH, form)
    assert "192M" in page
    assert "1.80 of 1.96" in page
    assert "How many a second" in page
    assert "How many a second" not in render(replace(RUN, records=(CELLS[1],)), form)


def test_programs_read_the_numbers_from_the_evidence() -> None:
    """As they were measured."""
    assert '"value": 192300000.0' in render(RUN_WITH, "json")
    assert '"native": 1.96' in render(RUN_WITH, "json")
