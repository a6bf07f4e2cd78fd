"""Compares one result of a runner with what its command expects (`conformance/case.py`, `Expect`). Pure functions.

A mismatch is evidence that a person can read: the first place that differs, both values as numbers and as bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance.case import Expect
from conformance.expect import _data, _endings, _programs, _values
from conformance.expect._mismatch import Mismatch, answered
from conformance.measured import late
from conformance.result import Result, show_ending

__all__ = ["CHECKS", "Mismatch", "at_fault", "awaits_error", "check"]


_CLOCK = 0.001
"""Seconds that a runner's clock may be off: browsers blur theirs by up to a tenth of it, and jitter."""


def check(expect: Expect, result: Result, results: Sequence[Result] = ()) -> Mismatch | None:
    """None when `result` is what `expect` demands; without a demand, it must only not have ended badly.

    `results` are all of the script's, for the expectations that speak of another command by its index.
    """
    key = next((key for key in CHECKS if key in expect), None)
    if key is None:
        ended = show_ending(result)
        mismatch = Mismatch("no trap, exception, exit or error", ended, "ending") if ended else None
    else:
        mismatch = CHECKS[key](expect[key], expect, result, results) or _too_short(expect, result)
    if mismatch and "what" in expect and expect["what"]:
        return mismatch._replace(expected=f"{expect['what']}: {mismatch.expected}")
    return mismatch


def awaits_error(expect: Expect, error: Mapping[str, Any]) -> bool:
    """Whether an error is an answer, to be compared, and not the end of the question."""
    if expect.get("program", {}).get("dies"):
        return error.get("phase") == "program" and error.get("name") != "unsupported"
    return "error" in expect


def at_fault(expect: Expect, result: Result) -> tuple[Expect, Result]:
    """Of a result that is not what it must be, the part that is not: the first such worker of a join, or all of it."""
    pairs = zip(_of_each(expect["workers"]), result.get("workers", ()), strict=False) if "workers" in expect else ()
    return next((pair for pair in pairs if check(*pair)), (expect, result))


def _too_short(expect: Expect, result: Result) -> Mismatch | None:
    over = late(expect, result)
    if over is None or over >= -_CLOCK:
        return None
    return Mismatch(f"{expect['lasts']} s at the least", f"{result['seconds']:.6f} s")


def _workers(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := answered(result, "workers", "the workers' results"):
        return mismatch
    expects, workers = _of_each(wanted), result["workers"]
    if len(workers) != len(expects):
        return Mismatch(f"{len(expects)} workers", f"{len(workers)} workers")
    for number, (expect, worker) in enumerate(zip(expects, workers, strict=True)):
        if mismatch := check(expect, worker):
            at = f"worker {number} of {len(workers)}: "
            return Mismatch(at + mismatch.expected, at + mismatch.seen, mismatch.kind)
    return None


def _of_each(wanted: Mapping[str, Any]) -> Sequence[Expect]:
    return [{"values": values} for values in wanted["values"]] if "values" in wanted else wanted["each"]


CHECKS: Mapping[str, Callable[[Any, Expect, Result, Sequence[Result]], Mismatch | None]] = {
    "values": _values.values,
    "between": _values.between,
    "same": _values.same,
    "trap": _endings.trap,
    "failure": _endings.failure,
    "bytes": _data.exact,
    "close": _data.close,
    "jpeg": _data.jpeg,
    "outcomes": _data.litmus,
    "pages": _values.pages,
    "error": _endings.error,
    "string": _values.string,
    "thrown": _endings.thrown,
    "workers": _workers,
    "wasi": _programs.wasi,
    "program": _programs.program,
    "response": _programs.response,
}
"""The keys of `Expect` that say what must be; each expectation has at most one."""
