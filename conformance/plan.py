"""The cells of a matrix: every case asked of every module that serves it, on every target; none goes missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from conformance.case import Case
from conformance.config import Expectation, MatrixConfig
from headers_server.profiles import shipped
from modules.table import Module, Table
from runners.runtime import Target
from runners.targets import RUNTIMES, UnknownTarget, parse_target

__all__ = ["Absence", "Cell", "plan", "unmatched"]


@dataclass(frozen=True)
class Absence:
    """Why there is no module to ask: a cause and the reason that the cell shows."""

    cause: str
    reason: str


@dataclass(frozen=True)
class Cell:
    """One case on one target, asked of one module. `module` is None, and `absence` says why, where a language has none;
    without an absence it is a case whose script brings its modules along.

    `label` stands in brackets in the id: the language, and the variant where there are several (`rust-simd`).
    """

    case: Case
    language: str
    variant: str
    label: str
    target: Target
    module: Module | None
    absence: Absence | None = None

    @property
    def id(self) -> str:
        """`threads/barrier-4[rust]@chromium+isolated`; a case that needs no module has no brackets."""
        return (
            f"{self.case.id}[{self.label}]@{self.target.name}" if self.label else f"{self.case.id}@{self.target.name}"
        )


def plan(
    config: MatrixConfig, cases: Sequence[Case], table: Table, targets: Sequence[Target] | None = None
) -> list[Cell]:
    """All cells that matrix.yaml asks for, target by target, on its own targets or on these.

    Of `cases` those that its patterns choose, and those of the user's own that it holds.
    """
    own = {case.id for case in config.own_cases}
    chosen = [case for case in cases if case.id in own or _any(config.patterns, case.id)]
    questions = [
        question
        for case in chosen
        for question in _questions(case, table)
        if case.id in own or _any(config.languages, question[0])
    ]
    return [
        Cell(case, language, variant, label, target, module, absence)
        for target in (config.chosen() if targets is None else targets)
        for language, variant, label, case, module, absence in questions
        if _any(case.targets, target.name)
    ]


def unmatched(expectations: Iterable[Expectation], cells: Sequence[Cell]) -> list[Expectation]:
    """Expectations that choose no cell: out of date, or misspelt; not those of targets that are not in the matrix."""
    asked = {cell.target.name for cell in cells}
    return [
        expectation
        for expectation in expectations
        if not _elsewhere(expectation, asked)
        and not any(
            expectation.chooses(cell.case.id, cell.label, cell.target.name, cell.target.profile) for cell in cells
        )
    ]


def _elsewhere(expectation: Expectation, asked: Iterable[str]) -> bool:
    """Whether it is about targets that there are, and that nobody has asked: another version, another mode."""
    if any(_any(expectation.target, name) for name in asked):
        return False
    return all(_is_target(pattern) for pattern in expectation.target)


def _is_target(pattern: str) -> bool:
    """Whether there is such a target; for a pattern with wildcards, such a runtime."""
    if re.search(r"[*?[]", pattern):
        return re.split(r"[-+*?[]", pattern)[0] in RUNTIMES
    try:
        parse_target(pattern, list(shipped()))
    except UnknownTarget:
        return False
    return True


_Question = tuple[str, str, str, Case, Module | None, Absence | None]


def _questions(case: Case, table: Table) -> list[_Question]:
    """A case asked of each module that serves its job, then of the languages that have none, with their reason."""
    if not case.job:  # its script brings its modules along
        return [("", "", "", case, None, None)]
    asked: list[_Question] = [
        (module.language, module.variant, module.label, case, module, None)
        for module in table.serving(case.job)
        if case.asks(module)
    ]
    served = {question[0] for question in asked}
    for language, rows in table.absent.items():
        if language in served or (case.languages and language not in case.languages):
            continue
        for row in rows:
            if case.job in row.jobs and (not row.exports or set(row.exports) & set(case.exports)):
                asked.append((language, row.variant or "single", language, case, None, Absence(row.cause, row.reason)))
                break
    return asked


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
