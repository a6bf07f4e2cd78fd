"""The report for CI servers: a suite a target, a test case a cell."""

from __future__ import annotations

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from conformance.report.summary import ending, printable, targets
from conformance.report.text import explain_record
from conformance.store import Record, Run

__all__ = ["render"]


def render(run: Run) -> str:
    """JUnit XML: unexpected wrong answers are failures, unexpected crashes and timeouts errors.

    All else that did not pass is skipped.
    """
    xml = JUnitXml("wasm-matrix")
    for name in targets(run):
        suite = TestSuite(name)
        suite.add_property("run", run.id)
        hello = run.targets.get(name)
        if hello:
            suite.add_property("version", hello["version"])
        for record in run.records:
            if record.target == name:
                suite.add_testcase(_case(record))
        xml.add_testsuite(suite)
    text = xml.tostring()  # type: ignore[no-untyped-call]
    return text.decode() if isinstance(text, bytes) else str(text)


def _case(record: Record) -> TestCase:
    case = TestCase(record.id.rpartition("@")[0], f"{record.target}.{record.case.partition('/')[0]}", record.seconds)
    if record.unexpected:
        kind = Failure if record.status in ("fail", "flaky", "blocked", "pass") else Error
        result = kind(printable(f"{ending(record)}: {record.cause or record.reason}"), record.cause)
        result.text = explain_record(record)
        case.result = [result]
    elif record.status != "pass":
        why = record.reason or record.detail.get("reason") or ""
        case.result = [Skipped(printable(f"{ending(record)}: {record.cause}: {why}"))]
    return case
