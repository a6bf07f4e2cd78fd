"""A run made by hand for the tests of reports: every status, expected and not, and all that a format may trip over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.store import Record, Run

__all__ = ["LINK", "NASTY", "RUN", "record"]

NASTY = (
    "<script>alert(1)</script> a|b `c` \"d\" 'e' & [f](g) *h* \u00fcn\u00efc\u00f6d\u00e9 \U0001f980 "
    "\x00\x1b[31m\x85\ud800 \u202e ]]> -->\nline two"
)
"""HTML, Markdown, XML, ANSI, a lone surrogate, a change of direction, two lines."""

LINK = "https://example.org/AVeryLongNameOfADocumentThatNoPhoneIsWideEnoughFor?a=b&c=d"

_TARGETS = ("wasmtime-50", "node-24", "chromium+none", "chromium+isolated")


def record(name: str, target: str, status: str, **more: Any) -> Record:
    """A cell; `name` is `case[label]`."""
    case, _, label = name.rstrip("]").partition("[")
    cell = Record(
        id=f"{name}@{target}", case=case, title=f"what {case} asks", language=label.partition("-")[0],
        variant="single", label=label,
        target=target, profile=target.partition("+")[2] or None, status=status,
    )  # fmt: skip
    return replace(cell, **more)


_REPEATS = {"repeats": 3, "failed": 1, "rate": [0.061492, 0.792345], "first": 3}


def _cells() -> list[Record]:
    rust, go = "sha256/empty[rust]", "sha256/empty[go]"
    known = {"expected": True, "reason": "the engine's limit: a|b <i>", "link": LINK}
    blocked = {
        "expected": True,
        "reason": "not isolated",
        "cause": "isolation/coop-missing",
        "also": ("isolation/coep-missing",),
    }
    return [
        record(rust, "wasmtime-50", "pass", seconds=0.25, call_seconds=0.125, overhead=0.001),
        record(rust, "node-24", "pass", seconds=0.03, call_seconds=0.02, detail={"speedup": 1.5}),
        record(rust, "chromium+none", "pass", seconds=0.03, call_seconds=0.025),
        record(rust, "chromium+isolated", "pass", expected=False, reason=NASTY, link="javascript:alert(1)"),
        record(
            go,
            "wasmtime-50",
            "fail",
            cause="engine/wrong-value",
            detail={"expected": "1", "seen": NASTY, "deep": {"a": [NASTY]}},
        ),
        record(go, "node-24", "fail", cause="engine/wrong-value", **known),
        record(go, "chromium+none", "crash", cause="crash/signal", detail={"signal": 11, "stderr": "one\n" * 30}),
        record(
            go,
            "chromium+isolated",
            "timeout",
            cause="timeout/deadline",
            detail={"reason": "no answer within 30 s " * 20},
        ),
        record(
            "threads/barrier-4[rust]",
            "wasmtime-50",
            "missing",
            cause="missing/runtime",
            detail={"reason": "run `wasm-matrix setup`"},
        ),
        record("threads/barrier-4[rust]", "node-24", "crash", cause="crash/exit", **{**known, "link": None}),
        record(
            "threads/barrier-4[rust]",
            "chromium+none",
            "blocked",
            detail={"facts": {"crossOriginIsolated": False}},
            **blocked,
        ),
        record("threads/barrier-4[rust]", "chromium+isolated", "blocked", cause="isolation/not-isolated"),
        record(
            "threads/barrier-4[go]", "node-24", "unsupported", cause="unsupported/toolchain", detail={"reason": NASTY}
        ),
        record(
            "threads/barrier-4[go]",
            "chromium+none",
            "unsupported",
            cause="unsupported/feature:threads",
            expected=False,
            reason="x",
        ),
        record("loading/streaming", "chromium+none", "pass"),
        record(
            "threads/mutex-2[rust]",
            "wasmtime-50",
            "flaky",
            cause="engine/wrong-value",
            detail={**_REPEATS, "asked": 1000, "ended": {"pass": 2, "fail engine/wrong-value": 1}, "seen": NASTY},
        ),
        record(
            "threads/mutex-2[rust]",
            "node-24",
            "flaky",
            cause="engine/wrong-value",
            detail=_REPEATS,
            expected=True,
            reason="timing",
        ),
        record("threads/mutex-2[rust]", "chromium+isolated", "pass", detail={**_REPEATS, "failed": 0}),
    ]


def _run() -> Run:
    cells = _cells()
    executed, refused = {"state": "executed", "message": ""}, {"state": "refused", "message": "not known"}
    hello = {
        "runtime": "wasmtime",
        "version": "50.0.1",
        "features": ["simd", "threads"],
        "facts": {"binding": "wasmtime-py"},
        "probe_set": "0123456789ab",
        "probed": "2026-01-02T03:04:05Z",
        "probes": {
            "simd": executed,
            "threads": {**executed, "flag": "Config.shared_memory", "with_flag": executed},
            "memory64": {"state": "crashed", "message": "signal SIGABRT"},
            "gc": {"state": "refused", "message": NASTY, "flag": "--wasm-gc", "with_flag": executed},
            "tail-call": {**refused, "flag": "--wasm-tail", "with_flag": {"state": "validated", "message": "no link"}},
            "relaxed-simd": {"state": "instantiated", "message": "gives ['41'], not 42"},
        },
    }
    return Run(
        id="20260102-030405", started=1767323045.25, finished=1767323055.75,
        command="wasm-matrix run -k 'a b'", matrix="matrix.yaml", columns=_TARGETS,
        machine={"system": "Linux", "processor": "a <fast> one", "cores": 2, "memory_mib": 24000, "python": "3.11.2"},
        plan=(*(cell.id for cell in cells), "threads/barrier-4[go]@wasmtime-50"), notes=(f"matrix.yaml:3: {NASTY}",),
        targets={"wasmtime-50": hello, "node-24": {**hello, "runtime": "node", "version": "24.19.0"}},
        records=tuple(cells),
    )  # fmt: skip


RUN = _run()
