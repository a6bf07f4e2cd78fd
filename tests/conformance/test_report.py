"""Each format is a pure function of a run: nothing is lost, nothing that a module prints breaks its form."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from markdown_it import MarkdownIt

from conformance.causes import CAUSES, STATUSES
from conformance.report import FORMATS, render
from conformance.report.features import table
from conformance.report.summary import again, counts, ending, groups, kind, printable, short_counts
from conformance.report.text import WIDTH
from conformance.store import Run
from tests.conformance.report_sample import LINK, NASTY, RUN, record

TestCase.__test__ = TestSuite.__test__ = False  # pytest would take them for tests of ours
DOCUMENT = (Path(__file__).parents[2] / "docs" / "report-json.md").read_text(encoding="utf-8")


def empty() -> Run:
    return replace(RUN, records=(), finished=None, notes=(), targets={})


def test_the_sample_has_every_status_both_ways() -> None:
    """Otherwise the tests below would prove less than they say."""
    assert {one.status for one in RUN.records} == set(STATUSES)
    assert {one.status for one in RUN.records if one.unexpected} == {
        "pass",
        "fail",
        "flaky",
        "crash",
        "timeout",
        "unsupported",
        "blocked",
    }
    assert {one.status for one in RUN.records if one.expected} == {"fail", "flaky", "crash", "blocked"}


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_can_be_written_and_is_always_the_same(form: str) -> None:
    """Whatever a module printed; also of a run without a cell, and of one that was cut off."""
    for run in (RUN, empty(), replace(RUN, finished=None)):
        assert render(run, form).encode("utf-8")
        assert render(run, form) == render(run, form)


@pytest.mark.parametrize("form", ["text", "junit", "markdown"])
def test_nothing_that_steers_a_terminal_or_hides_text_gets_through(form: str) -> None:
    """Control characters and changes of direction are shown as escapes."""
    text = render(RUN, form)
    assert not {char for char in text if unicodedata.category(char) in ("Cc", "Cs", "Cf")} - {"\n", "\t"}
    assert "x1b" in text


def test_printable_keeps_what_can_be_read() -> None:
    """Letters of all scripts, emoji, tab and newline stay."""
    assert printable("a\tb\n\u00e9\U0001f980\u05d0") == "a\tb\n\u00e9\U0001f980\u05d0"
    assert printable("\x1b[31m\x00\ud800\uffff") == r"\x1b[31m\x00\ud800\uffff"


# ---- what every report asks of a run


def test_counts_are_in_the_order_of_the_statuses() -> None:
    """And leave out what there is none of."""
    cells = [record("a/b[c]", "t", status) for status in ("missing", "pass", "fail", "pass")]
    assert list(counts(cells).items()) == [("pass", 2), ("fail", 1), ("missing", 1)]


def test_a_narrow_cell_tells_expected_from_unexpected() -> None:
    """Two failures, of which one is known: two entries."""
    cells = [record("a/b[c]", "t", "fail"), record("a/b[d]", "t", "fail", expected=True), record("a/b[e]", "t", "pass")]
    assert short_counts(cells) == [("1", "pass"), ("1F", "expected"), ("1F", "unexpected")]


def test_few_cases_are_shown_one_by_one_and_many_by_job() -> None:
    """All members stay."""
    few = [record(f"sha256/{number}[rust]", "t", "pass") for number in range(40)]
    assert len(groups(few)) == 40
    many = [*few, record("nbody/1[rust]", "t", "pass")]
    assert {name: len(members) for name, members in groups(many).items()} == {"sha256": 40, "nbody": 1}


@pytest.mark.parametrize(
    ("status", "expected", "colour"),
    [("pass", None, "pass"), ("pass", True, "pass"), ("pass", False, "unexpected"),
     ("fail", True, "expected"), ("fail", None, "unexpected"),
     ("blocked", True, "expected"), ("blocked", None, "unexpected"),
     ("unsupported", None, "unsupported"), ("missing", None, "missing")],
)  # fmt: skip
def test_colour(status: str, expected: bool | None, colour: str) -> None:
    """Red is what the exit code tells of."""
    assert kind(record("a/b[c]", "t", status, expected=expected)) == colour


def test_again_is_a_command_for_a_shell() -> None:
    """Brackets are quoted."""
    assert again(RUN.records[0]) == "wasm-matrix run --target wasmtime-50 -k 'sha256/empty[rust]'"


# ---- JSON


def test_json_holds_every_cell_as_it_was() -> None:
    """Odd characters survive, lone surrogates too."""
    data = json.loads(render(RUN, "json"))
    assert set(data) == {"run", "cells"}
    assert [cell["id"] for cell in data["cells"]] == [one.id for one in RUN.records]
    for cell, one in zip(data["cells"], RUN.records, strict=True):
        for key, value in cell.items():
            if hasattr(one, key):
                assert value == (list(one.also) if key == "also" else getattr(one, key))
        assert cell["again"] == again(one)
    assert (data["run"]["started"], data["run"]["finished"]) == ("2026-01-02T03:04:05.250Z", "2026-01-02T03:04:15.750Z")
    assert (data["run"]["planned"], data["run"]["notes"]) == (len(RUN.records) + 1, [f"matrix.yaml:3: {NASTY}"])
    assert json.loads(render(empty(), "json"))["run"]["finished"] is None


def _documented(heading: str) -> set[str]:
    """The names in the first column of the table under a heading of the document."""
    section = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    assert section, heading
    return set(re.findall(r"^\| `([\w.]+)` \|", section, re.MULTILINE))


def test_every_field_of_the_json_report_is_documented_and_no_other() -> None:
    """docs/report-json.md, both ways."""
    data = json.loads(render(RUN, "json"))
    assert _documented("run") == set(data["run"])
    assert _documented("run.machine") == set(data["run"]["machine"])
    assert _documented("run.targets") == set(data["run"]["targets"]["wasmtime-50"])
    probes = data["run"]["targets"]["wasmtime-50"]["probes"].values()
    assert _documented("run.targets.probes") == {field for probe in probes for field in probe}
    for cell in data["cells"]:
        assert _documented("cells") == set(cell)
    assert all(f"`{status}`" in DOCUMENT for status in STATUSES)


def test_the_documented_machine_and_target_are_what_a_run_stores() -> None:
    """The sample is made by hand; this holds it against the real ones."""
    from conformance.execute import as_json
    from conformance.store import machine
    from runners.observation import Hello

    assert _documented("run.machine") == set(machine())
    assert _documented("run.targets") == set(as_json(Hello("a", "1", frozenset(), {}), {}))


def test_the_example_in_the_document_is_a_report() -> None:
    """It has the same fields, and its words are ours."""
    example = json.loads(DOCUMENT.partition("```json\n")[2].partition("```")[0])
    data = json.loads(render(RUN, "json"))
    assert set(example["run"]) == set(data["run"])
    for cell in example["cells"]:
        assert set(cell) == set(data["cells"][0])
        assert cell["status"] in STATUSES
        assert cell["cause"] is None or cell["cause"].partition(":")[0] in CAUSES


# ---- JUnit


def test_junit_can_be_parsed_again_and_counts_what_the_exit_code_tells() -> None:
    """Wrong answers are failures, crashes and timeouts errors; what is known or cannot be asked is skipped."""
    xml = JUnitXml.fromstring(render(RUN, "junit").encode())
    found: dict[str, str] = {}
    for suite in xml:
        assert suite.tests == len(list(suite))
        for case in suite:
            assert len(case.result) <= 1
            found[f"{case.name}@{suite.name}"] = type(case.result[0]).__name__ if case.result else "passed"
    assert set(found) == {one.id for one in RUN.records}
    for one in RUN.records:
        wanted = "passed" if one.status == "pass" else "Skipped"
        if one.unexpected:
            wanted = "Error" if one.status in ("crash", "timeout", "unsupported") else "Failure"
        assert found[one.id] == wanted, one.id
    total = Counter(found.values())
    assert (xml.tests, xml.failures, xml.errors, xml.skipped) == (
        len(RUN.records),
        total["Failure"],
        total["Error"],
        total["Skipped"],
    )


def test_junit_carries_evidence_command_and_time() -> None:
    """As a CI server shows it."""
    cases = {
        f"{case.name}@{suite.name}": case
        for suite in JUnitXml.fromstring(render(RUN, "junit").encode())
        for case in suite
    }
    failure = cases["sha256/empty[go]@wasmtime-50"].result[0]
    assert isinstance(failure, Failure)
    assert failure.type == "engine/wrong-value"
    assert "again: wasm-matrix run --target wasmtime-50" in failure.text
    assert "<script>alert(1)</script>" in failure.text
    assert isinstance(cases["sha256/empty[go]@chromium+none"].result[0], Error)
    skipped = cases["threads/barrier-4[rust]@chromium+none"].result[0]
    assert isinstance(skipped, Skipped)
    assert skipped.message == "blocked: isolation/coop-missing: not isolated"
    assert cases["sha256/empty[rust]@wasmtime-50"].time == 0.25


# ---- Markdown


def _tokens() -> list[Any]:
    return MarkdownIt("commonmark").enable("table").parse(render(RUN, "markdown"))


def test_the_markdown_table_has_equal_columns() -> None:
    """As a parser of Markdown sees it, and as one counts bars."""
    run = replace(RUN, records=(*RUN.records, record("a|b/c|d[rust]", "node-24", "pass")))
    rows = [line for line in render(run, "markdown").splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(RUN.columns) + 2}
    assert len(rows) == 2 + 5 + 2 + 1 + 2 + 6  # cases, threads, features
    types = [token.type for token in MarkdownIt("commonmark").enable("table").parse(render(run, "markdown"))]
    assert types.count("tr_open") == 1 + 5 + 1 + 1 + 1 + 6
    assert types.count("td_open") == (5 + 1 + 6) * (1 + len(RUN.columns))


def test_markdown_shows_odd_characters_as_they_are() -> None:
    """No HTML, no link but ours, no emphasis made by a reason; code stays code."""
    inline = [child for token in _tokens() for child in token.children or ()]
    assert not [token for token in (*_tokens(), *inline) if token.type.startswith("html")]
    links = [dict(token.attrs)["href"] for token in inline if token.type == "link_open"]
    assert links == [LINK]
    assert not [token for token in inline if token.type == "em_open"]
    codes = {token.content for token in inline if token.type == "code_inline"}
    assert {one.id for one in RUN.records if one.unexpected} <= codes
    assert {again(one) for one in RUN.records if one.unexpected} <= codes


def test_markdown_names_what_is_unexpected_known_and_missing() -> None:
    """The count in bold is the unexpected one."""
    text = render(RUN, "markdown")
    assert re.search(r"^\| sha256/empty \| 1 \*\*1F\*\* \|", text, re.MULTILINE)
    assert "- 1 fail: the engine's limit: a\\|b \\<i\\>" in text
    assert "- wasmtime-50, 1 cells: run \\`wasm-matrix setup\\`" in text


# ---- text


def test_text_is_no_wider_than_it_says() -> None:
    """Commands and links, to be copied whole, alone may be."""
    free = ("  again: ", "  https://", "matrix.yaml:")
    lines = [line for line in render(RUN, "text").splitlines() if not line.startswith(free)]
    assert max(map(len, lines)) <= WIDTH
    assert not [line for line in lines if line != line.rstrip()]


def test_text_tells_every_unexpected_cell_with_cause_evidence_and_command() -> None:
    """And ends with the whole in one line."""
    text = render(RUN, "text")
    unexpected = [one for one in RUN.records if one.unexpected]
    for one in unexpected:
        assert f"{ending(one).upper()} {one.id}" in text
        assert f"again: {again(one)}" in text
    assert "engine/wrong-value: a call returned" in text
    assert "expected otherwise: <script>" in text
    assert "wasmtime-50: 1 missing: run `wasm-matrix setup`" in text
    assert f"4 as expected, {len(unexpected)} unexpected" in " ".join(text.split())
    assert "18 of 19 cells in 10 s" in text
    assert "18 of 19 cells before it was cut off" in render(replace(RUN, finished=None), "text")


def test_a_table_too_wide_for_the_text_is_cut_into_several() -> None:
    """Each with the names of its cases; all targets are there, none is broken."""
    names = tuple(f"runtime-{number}+mode" for number in range(20))
    cells = tuple(record("sha256/empty[rust]", name, "pass") for name in names)
    text = render(replace(RUN, columns=names, records=cells, targets={}), "text")
    headings = [line for line in text.splitlines() if "runtime-" in line]
    assert [name for line in headings for name in line.split()] == [name.partition("+")[0] for name in names]
    rows = [line for line in text.splitlines() if line.startswith("sha256/empty")]
    assert len(rows) == len(headings) > 1
    assert sum(line.count("1") for line in rows) == 20


def test_what_a_feature_cell_says() -> None:
    """The known answer, the flag that gives it, or why not; and features in the order of the standard."""
    hello = RUN.targets["wasmtime-50"]
    rows = table({"a": hello, "old": {"features": ["simd"]}}, ["a", "old", "absent"])
    assert [row.name for row in rows] == ["simd", "tail-call", "gc", "relaxed-simd", "memory64", "threads"]
    assert [[cell and (cell.mark, cell.flag) for cell in row.cells] for row in rows] == [
        [("✓", None), ("✓", None), None],
        [("–", None), None, None],
        [("⚑", "--wasm-gc"), None, None],
        [("✗", None), None, None],
        [("☠", None), None, None],
        [("✓⚑", "Config.shared_memory"), None, None],
    ]
    says = {row.name: row.cells[0].says for row in rows if row.cells[0]}
    assert says["simd"] == "executed"
    assert says["threads"] == "executed; off by default, on by Config.shared_memory"
    assert says["tail-call"] == "refused: not known; with --wasm-tail validated: no link"
    assert says["gc"].startswith("refused: ") and says["gc"].endswith("; executed with --wasm-gc")
    assert says["memory64"] == "crashed: signal SIGABRT"


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_the_features_that_targets_probed_are_told(form: str) -> None:
    """Each with its flag, and by a run of before there were probes."""
    told = render(RUN, form)
    for text in ("relaxed-simd", "--wasm-gc", "Config.shared_memory", "✓⚑", "☠"):
        assert text in told
    without = {
        name: {k: v for k, v in hello.items() if not k.startswith("prob")} for name, hello in RUN.targets.items()
    }
    assert "threads" in render(replace(RUN, targets=without), form)
