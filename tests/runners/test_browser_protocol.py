"""The browsers' runner keeps each clause of the protocol that is about what a browser has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runners.check import CLAUSES, Bench, Clause, NotApplicable, Violation
from runners.targets import runtime_of
from tests.conftest import in_groups, ready
from tests.runners.test_browser import KINDS

BROKEN = {("webkitgtk", "threads/promises"): "WebKit: a wait of `Atomics.waitAsync` never times out in a worker"}
"""By browser and clause, what docs/findings.md says of the engine."""


@pytest.fixture(scope="module", params=in_groups(KINDS))
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A bench with a browser where its threads run."""
    target = ready(f"{request.param}+{KINDS[request.param].threaded}")
    with Bench(runtime_of(target).command(target), repeats=2_000) as bench:
        yield bench


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.id)
def test_the_runner_keeps_the_clause(bench: Bench, clause: Clause, request: pytest.FixtureRequest) -> None:
    if (request.node.callspec.params["bench"], clause.id) in BROKEN:
        with pytest.raises(Violation):
            clause.ask(bench)
        return
    try:
        clause.ask(bench)
    except NotApplicable as reason:
        pytest.skip(str(reason))


def test_threads_do_not_apply_to_a_page_that_is_not_isolated() -> None:
    """Its browser refuses them by design: no clause is broken. JavaScript's on its own side needs no thread."""
    target = ready("chromium+none")
    with Bench(runtime_of(target).command(target)) as bench:
        for clause in CLAUSES:
            if clause.id.startswith("threads/") and not any(name.startswith("js-") for name in clause.needs):
                with pytest.raises(NotApplicable, match="isolated"):
                    clause.ask(bench)
