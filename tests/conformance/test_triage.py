"""A wrong value that every engine gives is rather the module's; one engine alone cannot say so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.report import render
from conformance.store import Run
from conformance.triage import triaged
from tests.conformance.report_sample import RUN, record

HELLOS: dict[str, dict[str, Any]] = {
    "wasmtime-50": {"runtime": "wasmtime", "facts": {}},
    "node-24": {"runtime": "node", "facts": {"v8": "13.6"}},
    "deno-2.9": {"runtime": "deno", "facts": {"v8": "14.0"}},
    "chromium+none": {"runtime": "chromium", "facts": {"userAgent": "Mozilla/5.0 Chrome/156.0"}},
}
WRONG = {"cause": "engine/wrong-value", "detail": {"command": 1, "expected": "i32 2", "seen": "i32 3"}}


def run(**ended: tuple[str, dict[str, Any]]) -> Run:
    """One case of one module; how it ended, by target with `_` for other signs."""
    names = {name.replace("-", "_").replace(".", "_").replace("+", "_"): name for name in HELLOS}
    cells = tuple(record("a/b[rust]", names[key], status, **more) for key, (status, more) in ended.items())
    return replace(RUN, records=cells, columns=tuple(HELLOS), targets=HELLOS)


def suspected(**ended: tuple[str, dict[str, Any]]) -> set[bool]:
    return {"module/wrong-value" in record.also for record in triaged(run(**ended)).records}


FAIL = ("fail", WRONG)


def test_all_engines_agree_against_the_oracle() -> None:
    """Cells that did not run say nothing; the cell's own cause stays."""
    found = triaged(run(wasmtime_50=FAIL, node_24=FAIL))
    assert [(one.cause, one.also) for one in found.records] == [("engine/wrong-value", ("module/wrong-value",))] * 2
    assert triaged(found) == found
    assert "module/wrong-value: every engine" in render(run(wasmtime_50=FAIL, node_24=FAIL), "text")
    missing = triaged(run(wasmtime_50=FAIL, node_24=FAIL, deno_2_9=("missing", {})))
    assert [bool(one.also) for one in missing.records] == [True, True, False]


def test_one_that_is_right_clears_the_module() -> None:
    """As does one that is wrong in another way, or at another command."""
    assert suspected(wasmtime_50=FAIL, node_24=FAIL, chromium_none=("pass", {})) == {False}
    assert suspected(wasmtime_50=FAIL, node_24=FAIL, chromium_none=("flaky", WRONG)) == {False}
    assert suspected(wasmtime_50=FAIL, node_24=("timeout", {"cause": "timeout/deadline"})) == {False}
    for other in ({"seen": "i32 4"}, {"command": 2}):
        wrong = {**WRONG, "detail": {"command": 1, "expected": "i32 2", "seen": "i32 3", **other}}
        assert suspected(wasmtime_50=FAIL, node_24=("fail", wrong)) == {False}


def test_runtimes_that_share_an_engine_are_one_witness() -> None:
    """V8 in node, deno and Chromium; and one target alone is none."""
    assert suspected(node_24=FAIL, deno_2_9=FAIL, chromium_none=FAIL) == {False}
    assert suspected(wasmtime_50=FAIL) == {False}
