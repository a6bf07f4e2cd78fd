"""The cells of a matrix: each case asked of each module that serves it, and a reason where none does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from conformance.case import Case
from conformance.cases import CASES
from conformance.causes import is_cause
from conformance.config import Expectation, MatrixConfig, default_matrix
from conformance.plan import Cell, plan, unmatched
from conformance.settings import Matrix, Settings
from modules.table import Absence, Module, Table


def module(name: str, **more: Any) -> Module:
    """A module of the language that its name starts with, serving the job `sort`."""
    language, _, variant = name.partition("-")
    values = {
        "id": name, "language": language, "variant": variant or "single", "label": name, "jobs": ("sort",),
        "path": Path("/x"), "features": (), "streaming": True,
        "imports": {}, "exports": {"memory": "memory"}, "memory": None,
        **{field.name: "" for field in fields(Module) if field.name in ("abi", "sha256")}, "size": 8, **more,
    }  # fmt: skip
    return Module(**values)


def table(modules: Sequence[Module], **absent: Sequence[Absence]) -> Table:
    """A table of these modules alone."""
    values: dict[str, Any] = {field.name: {} for field in fields(Table)}
    values |= {"modules": {one.id: one for one in modules}, "absent": absent}
    return Table(**values)


def case(name: str = "sort/equal", job: str = "", **more: Any) -> Case:
    return Case(name, job or name.partition("/")[0], lambda module: [], "is it sorted?", **more)  # noqa: ARG005


def cells(asked: Sequence[Case], of: Table, **matrix: Any) -> list[Cell]:
    return plan(MatrixConfig(**{"targets": ("node-24",), **matrix}), asked, of)


def ids(asked: Sequence[Case], of: Table, **matrix: Any) -> list[str]:
    return [cell.id for cell in cells(asked, of, **matrix)]


def test_each_module_is_asked_on_each_target() -> None:
    """Target by target, so that a runner starts once; a browser under each profile."""
    found = ids(
        [case()],
        table([module("rust"), module("rust-simd")]),
        targets=("node-24", "chromium"),
        profiles=("none", "isolated"),
    )
    assert found == [
        f"sort/equal[{label}]@{target}"
        for target in ("node-24", "chromium+none", "chromium+isolated")
        for label in ("rust", "rust-simd")
    ]


def test_a_module_that_does_not_serve_the_job_is_not_asked() -> None:
    """Nor one that does not export what the case calls."""
    modules = table(
        [module("rust"), module("go", jobs=("text",)), module("emscripten", exports={"fail_uncaught": "func"})]
    )
    assert ids([case()], modules) == ["sort/equal[rust]@node-24", "sort/equal[emscripten]@node-24"]
    assert ids([case(exports=("fail_uncaught",))], modules) == ["sort/equal[emscripten]@node-24"]


def test_a_language_without_a_module_has_a_cell_with_its_reason() -> None:
    """One, though several rows would give it; none for a job that nobody said anything of."""
    rows = [
        Absence(jobs=("counter",), cause="unsupported/toolchain", reason=reason)
        for reason in ("no shared memory", "second")
    ]
    (cell,) = cells([case("threads/counter-2", "counter"), case()], table([], go=rows))
    assert (cell.id, cell.module) == ("threads/counter-2[go]@node-24", None)
    assert cell.absence is not None
    assert (cell.absence.cause, cell.absence.reason) == ("unsupported/toolchain", "no shared memory")


def test_an_absence_of_some_exports_is_of_the_cases_that_call_them() -> None:
    """A language may recover from a failure and still have no exceptions."""
    rows = [Absence(jobs=("traps",), cause="unsupported/language", reason="no exceptions", exports=("fail_uncaught",))]
    found = ids([case("traps/panic"), case("traps/uncaught", exports=("fail_uncaught",))], table([], rust=rows))
    assert found == ["traps/uncaught[rust]@node-24"]


def test_a_case_can_leave_out_languages() -> None:
    """Without a trace."""
    modules = table([module("rust"), module("go")])
    assert ids([case(languages=("go",))], modules) == ["sort/equal[go]@node-24"]


def test_a_case_can_be_for_some_targets_only() -> None:
    """Streaming is a question for browsers."""
    found = ids(
        [case(targets=("chromium*",))], table([module("rust")]), targets=("node-24", "chromium"), profiles=("none",)
    )
    assert found == ["sort/equal[rust]@chromium+none"]


def test_the_file_chooses_cases_and_languages_by_pattern() -> None:
    """Both at once."""
    modules = table([module("rust", jobs=("sort", "text")), module("go", jobs=("sort", "text"))])
    assert ids([case(), case("text/empty")], modules, cases=("te*",), languages=("g?",)) == ["text/empty[go]@node-24"]


def test_an_expectation_that_chooses_nothing_is_found() -> None:
    """By case, language, target and profile; the language is the label in the brackets."""
    found = cells([case()], table([module("rust-simd")]), targets=("node-24", "chromium"), profiles=("none",))
    known = {"status": "fail", "reason": "x"}
    good: list[dict[str, Any]] = [
        {},
        {"case": "sort/*"},
        {"language": "rust-simd"},
        {"target": "chromium+*"},
        {"profile": "none"},
        # of targets that are not in this matrix
        {"target": "wasmtime-3*"},
        {"target": ["node-18", "bun-*"]},
        {"target": "wasmer-7.4+cranelift"},
    ]
    bad = [
        {"case": "sort"},
        {"language": "rust"},
        {"target": "nodd-24"},
        {"profile": "isolated"},
        {"target": "node-*", "profile": "none"},
    ]
    for entry, is_matched in [(entry, True) for entry in good] + [(entry, False) for entry in bad]:
        expectation = Expectation.model_validate({**known, **entry})
        assert unmatched([expectation], found) == ([] if is_matched else [expectation]), entry


# ---- the suite's own matrix


def test_no_two_cells_of_the_suite_have_one_name() -> None:
    """A name is the key of a cell in the store."""
    names = Counter(cell.id for cell in Matrix(default_matrix()).cells(Settings()))
    assert len(names) > 1000
    assert [name for name, count in names.items() if count > 1] == []


def test_every_case_of_the_suite_is_asked_somewhere() -> None:
    """Otherwise it tests nothing, but one that is asked of a page; and every absence has a cause of the list."""
    found = Matrix(default_matrix()).cells(Settings())
    assert {cell.case.id for cell in found if cell.module or not cell.case.job} == {one.id for one in CASES}
    for cell in found:
        assert (cell.module is None) == (cell.absence is not None or not cell.case.job)
        assert cell.absence is None or (is_cause(cell.absence.cause) and cell.absence.reason)


def test_every_expectation_of_the_suite_matches_a_cell() -> None:
    """As `wasm-matrix run` demands it."""
    matrix = Matrix(default_matrix())
    assert unmatched(matrix.config.expectations, matrix.cells(Settings())) == []


def test_a_run_can_ask_for_targets_and_cases_of_its_own(tmp_path: Path) -> None:
    """In the order asked for, and a target that the file does not name."""
    path = tmp_path / "matrix.yaml"
    path.write_text("targets: [node-24, node-20]\n")
    found = Matrix(path).cells(Settings(("node-20", "chromium+none"), ("sha256/empty",)))
    assert list(dict.fromkeys(cell.target.name for cell in found)) == ["node-20", "chromium+none"]
    assert {cell.case.id for cell in found} == {"sha256/empty"}


def test_settings_travel_as_text() -> None:
    """To pytest and its workers."""
    settings = Settings(("node-24",), ("sha256/*",), "/tmp/progress.json")
    assert Settings.of(settings.text()) == settings
    assert Settings.of(None) == Settings()
