"""A pytest plug-in that notes when each cell's report arrives in the gathering process, and how large that one grew.

Loaded by PYTEST_ADDOPTS into `wasm-matrix run`; writes JSON to the file that WASM_MATRIX_BENCH names when the process
ends.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import sys
import time
from pathlib import Path

import pytest

from conformance.plugin import record_of

_ARRIVED: list[tuple[str, float, float]] = []
"""(cell, wall clock, CPU time of this process), both in seconds."""


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # After the reporter, which stores the cell: that is a part of what a cell costs.
    if report.when == "call" and (record := record_of(report)):
        _ARRIVED.append((record.id, time.perf_counter(), time.process_time()))


def _peak() -> float:
    """The most resident memory of this process, in MiB. From Linux: rusage keeps the parent's from before exec."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _write() -> None:
    Path(os.environ["WASM_MATRIX_BENCH"]).write_text(json.dumps({"arrived": _ARRIVED, "peak_mib": _peak()}))


if "PYTEST_XDIST_WORKER" not in os.environ:
    atexit.register(_write)
