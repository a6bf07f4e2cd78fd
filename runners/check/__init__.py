"""The conformance test of PROTOCOL.md: `python -m runners.check COMMAND…` asks any runner program each of its clauses.

As a library: `with Bench(command) as bench: for clause in CLAUSES: clause.ask(bench)`. `ask` raises Violation where the
runner breaks the clause and NotApplicable where it lacks what the clause is about.
"""

from __future__ import annotations

from runners.check import calls, failures, lifetime, memory, programs, threads, values, wasi
from runners.check.bench import Bench
from runners.check.clause import Clause, NotApplicable, Violation

__all__ = ["CLAUSES", "Bench", "Clause", "NotApplicable", "Violation"]

CLAUSES: list[Clause] = [
    *lifetime.CLAUSES,
    *values.CLAUSES,
    *calls.CLAUSES,
    *failures.CLAUSES,
    *memory.CLAUSES,
    *threads.CLAUSES,
    *wasi.CLAUSES,
    *programs.CLAUSES,
]
"""All clauses, in the order of PROTOCOL.md."""
