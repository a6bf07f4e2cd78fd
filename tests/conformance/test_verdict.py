"""A verdict for every status and every cause: from observation, script and target alone."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.causes import CAUSES, STATUSES, explain, is_cause
from conformance.verdict import Verdict, absent, describe, judge, missing
from runners.observation import Hello, Observation
from runners.probing import EXECUTED, Finding

HELLO = Hello("wasmtime", "50.0.1", frozenset({"simd"}), {})
PAGE = Hello("chromium", "156", frozenset(), {"crossOriginIsolated": False, "isSecureContext": True, "headers": {}})
ISOLATING = {"cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp"}
CALL = {
    "type": "action",
    "action": {"type": "invoke", "field": "f", "args": [{"type": "i32", "value": "1"}]},
    "results": ["i32"],
}
RIGHT = {"values": [{"type": "i32", "value": "7"}], "seconds": 0.25}
WRONG = {"values": [{"type": "i32", "value": "8"}]}
TRAP = {"trap": {"kinds": ["integer divide by zero"], "message": "divide by zero"}}
EXPECT = {"values": [{"type": "i32", "value": "7"}]}


def ask(expect: dict[str, Any] | None, result: dict[str, Any], **more: Any) -> Verdict:
    """The verdict on one call with this expectation and this result."""
    command = CALL if expect is None else {**CALL, "expect": expect}
    hello, profile = more.pop("hello", HELLO), more.pop("profile", None)
    return judge([command], Observation("done", [result], 0.5, **more), hello, (), profile)


def error(phase: str, name: str = "") -> dict[str, Any]:
    return {"error": {"phase": phase, "name": name, "message": "told by the engine"}}


def wasi(code: int, stdout: bytes = b"") -> dict[str, Any]:
    return {"exit": code, "stdout": base64.b64encode(stdout).decode(), "stderr": "", "files": {}}


def test_the_right_answer_passes() -> None:
    """Without a cause, with its times."""
    verdict = ask(EXPECT, RIGHT)
    assert (verdict.status, verdict.cause, verdict.seconds, verdict.call_seconds) == ("pass", None, 0.5, 0.25)


ENDS: list[tuple[Any, int | None]] = [
    ("deadline", None),
    ("memory", None),
    ("protocol", None),
    ("crash", -9),
    ("crash", 3),
]
THROWN = {"thrown": {"name": "TypeError", "message": "not here"}}

CASES: list[tuple[str, str, dict[str, Any] | None, dict[str, Any]]] = [
    ("fail", "engine/wrong-value", EXPECT, WRONG),
    ("fail", "engine/unexpected-trap", EXPECT, TRAP),
    ("fail", "engine/unexpected-trap", None, TRAP),
    ("fail", "engine/unexpected-trap", {"workers": {"values": [EXPECT["values"]]}}, {"workers": [TRAP], "seconds": 1}),
    (
        "fail",
        "engine/wrong-value",
        {"workers": {"each": [{"trap": "integer divide by zero"}, EXPECT]}},
        {"workers": [TRAP, WRONG]},
    ),
    ("fail", "engine/no-trap", {"workers": {"each": [EXPECT, {"trap": "unreachable"}]}}, {"workers": [RIGHT, RIGHT]}),
    ("fail", "engine/unexpected-exception", None, {"exception": {"message": "thrown"}}),
    ("fail", "engine/unexpected-exit", EXPECT, {"exit": 2}),
    ("fail", "engine/no-trap", {"trap": "unreachable"}, RIGHT),
    ("fail", "engine/wrong-trap", {"trap": "unreachable"}, TRAP),
    ("fail", "engine/wrong-trap", {"failure": [{"exit": 2}]}, TRAP),
    ("fail", "engine/refused-module", None, error("compile")),
    ("fail", "engine/refused-import", None, error("link")),
    ("fail", "engine/refused-start", None, error("instantiate")),
    ("fail", "engine/refused-call", None, error("call")),
    ("fail", "engine/memory", None, error("memory")),
    ("fail", "engine/accepted", {"error": "compile"}, {}),
    ("fail", "engine/wrong-error", {"error": "compile"}, error("link")),
    ("fail", "engine/unexpected-error", {"string": "ok"}, THROWN),
    ("fail", "engine/wrong-error", {"thrown": "RangeError"}, THROWN),
    ("fail", "engine/accepted", {"thrown": "TypeError"}, {"string": "ok"}),
    ("fail", "engine/wrong-value", {"string": "ok"}, {"string": "timed-out"}),
    ("fail", "wasi/wrong-result", {"wasi": {"exit": 0}}, wasi(1)),
    ("fail", "wasi/not-refused", {"wasi": {"refused": True, "secret": b"key"}}, wasi(0, b"nothing")),
    ("fail", "wasi/escaped", {"wasi": {"refused": True, "secret": b"key"}}, wasi(0, b"the key")),
    ("fail", "program/wrong-result", {"program": {"exit": 0}}, wasi(1)),
    ("fail", "program/wrong-result", {"program": {"exit": 0, "stdout": b"said"}}, wasi(0, b"else")),
    ("fail", "program/wrong-result", {"program": {"exit": 0}}, error("program", "RangeError")),
    ("fail", "program/wrong-result", {"program": {"dies": True, "stdout": b""}}, wasi(0)),
    ("fail", "program/wrong-result", {"program": {"dies": True, "stdout": b""}}, wasi(1, b"outlived")),
    ("fail", "suite/fetch", {"program": {"dies": True, "stdout": b""}}, error("fetch")),
    ("unsupported", "unsupported/program", {"program": {"dies": True}}, error("program", "unsupported")),
    ("fail", "threads/refused", None, error("spawn", "RangeError")),
    ("fail", "suite/script", None, error("script")),
    ("fail", "suite/fetch", None, error("fetch")),
    ("timeout", "timeout/deadline", None, error("deadline")),
    ("unsupported", "unsupported/wasi", None, error("wasi", "unsupported")),
    ("unsupported", "unsupported/threads", None, error("spawn", "unsupported")),
    ("unsupported", "unsupported/feature:threads", None, error("memory", "unsupported")),
    ("unsupported", "unsupported/program", {"program": {"exit": 0}}, error("program", "unsupported")),
    ("unsupported", "unsupported/binding", None, error("call", "unsupported")),
]


@pytest.mark.parametrize("result", [wasi(1), wasi(134), error("program", "RuntimeError")])
def test_a_program_that_must_die_may_do_so_in_the_way_of_its_host(result: dict[str, Any]) -> None:
    """A process by its exit code, a page by an error that nobody caught."""
    assert ask({"program": {"dies": True, "stdout": b""}}, result).status == "pass"


@pytest.mark.parametrize(("status", "cause", "expect", "result"), CASES)
def test_what_a_result_means(status: str, cause: str, expect: dict[str, Any] | None, result: dict[str, Any]) -> None:
    """Each way not to pass has its status and its cause, and evidence that says which command."""
    verdict = ask(expect, result)
    assert (verdict.status, verdict.cause) == (status, cause)
    assert verdict.detail["command"] == 0
    assert verdict.detail["what"] == "f(i32 1)"


@pytest.mark.parametrize(
    ("observation", "status", "cause"),
    [
        (Observation("deadline"), "timeout", "timeout/deadline"),
        (Observation("memory"), "crash", "crash/memory-limit"),
        (Observation("crash", code=-11, stderr="boom"), "crash", "crash/signal"),
        (Observation("crash", code=3, stderr="boom"), "crash", "crash/exit"),
        (Observation("done", []), "fail", "suite/script"),
    ],
)
def test_how_a_script_ended(observation: Observation, status: str, cause: str) -> None:
    """A crash, a hang, too few results: never a pass; the end of stderr is kept."""
    verdict = judge([CALL], observation, HELLO)
    assert (verdict.status, verdict.cause) == (status, cause)
    assert verdict.detail.get("stderr", "") == observation.stderr


def test_all_evidence_is_explained() -> None:
    """docs/report-json.md has each key that a verdict's detail may have."""
    asked = {"refusal": "spawn", "outcomes": {"names": ["a"], "forbidden": [], "total": 1}, "lasts": 0.1}
    timed = {"speedup": {"of": 0, "over": 0}, "speed": {"count": 1, "unit": "x", "of": "command"}}
    verdicts = [ask(expect, result) for _, _, expect, result in CASES] + [
        ask(asked | timed, {"bytes": "AQAAAA==", "seconds": 1.0, "threads": "host"}),
        ask(asked, error("spawn", "EAGAIN")),
        ask({"wasi": {"exit": 1}}, wasi(0), stderr="the end"),
        *(judge([CALL], Observation(end, code=code, stderr="x", noise="y"), HELLO) for end, code in ENDS),
        probed({"loaded": True}, "isolated"),
    ]
    document = (Path(__file__).parents[2] / "docs" / "report-json.md").read_text(encoding="utf-8")
    evidence = document.partition("## Evidence")[2].partition("## ")[0]
    keys = {key for verdict in verdicts for key in verdict.detail}
    assert keys >= {"seen", "phase", "outcomes", "speed", "most_threads", "refused", "noise", "signal", "threads_work"}
    assert {key for key in keys if f"`{key}`" not in evidence} == set()


def test_a_missing_feature_is_unsupported_not_failed() -> None:
    """And it names the feature and who lacks it, in the words of its probe."""
    hello = replace(HELLO, findings={"exceptions": Finding("refused", "exceptions are off"), "simd": EXECUTED})
    verdict = judge([CALL], Observation("done"), hello, ["simd", "exceptions", "jspi"])
    assert (verdict.status, verdict.cause) == ("unsupported", "unsupported/feature:exceptions")
    assert verdict.detail["reason"] == (
        "wasmtime 50.0.1, probe of exceptions: refused: exceptions are off; "
        "wasmtime 50.0.1 has no jspi: it is JavaScript's"
    )


@pytest.mark.parametrize(
    ("facts", "causes"),
    [
        ({"headers": {}}, ["isolation/coop-missing", "isolation/coep-missing"]),
        ({"headers": {"Cross-Origin-Opener-Policy": "same-origin"}}, ["isolation/coep-missing"]),
        (
            {"headers": {**ISOLATING, "cross-origin-opener-policy": "same-origin-allow-popups"}},
            ["isolation/coop-wrong"],
        ),
        ({"headers": {**ISOLATING, "cross-origin-embedder-policy": "unsafe-none"}}, ["isolation/coep-wrong"]),
        ({"headers": ISOLATING, "isSecureContext": False}, ["isolation/insecure-context"]),
        ({"headers": ISOLATING}, ["isolation/not-isolated"]),
        (
            {"headers": {**ISOLATING, "cross-origin-opener-policy": 'same-origin; report-to="x"'}},
            ["isolation/not-isolated"],
        ),
    ],
)
def test_a_page_that_is_not_isolated_is_blocked(facts: dict[str, Any], causes: list[str]) -> None:
    """With every condition that is not met, and the page's facts as evidence."""
    hello = Hello("chromium", "156", frozenset(), {"crossOriginIsolated": False, "isSecureContext": True, **facts})
    verdict = ask(None, error("spawn", "DataCloneError"), hello=hello, profile="none")
    assert verdict.status == "blocked"
    assert [verdict.cause, *verdict.also] == causes
    assert verdict.detail["facts"]["headers"] == facts["headers"]


@pytest.mark.parametrize(
    ("facts", "also"),
    [
        ({"SharedArrayBuffer": "function"}, ()),
        ({"SharedArrayBuffer": "undefined"}, ("isolation/coop-missing", "isolation/coep-missing")),
        (
            {"SharedArrayBuffer": "undefined", "crossOriginIsolated": True},
            ("isolation/browser-lacks-shared-array-buffer",),
        ),
    ],
)
def test_threads_that_are_none_have_what_keeps_the_page_from_sharing_beside_them(
    facts: dict[str, Any], also: tuple[str, ...]
) -> None:
    """Nothing where it could; and of what is no page nothing is said."""
    expect, hello = {**EXPECT, "means": "fallback/single-thread"}, replace(PAGE, facts={**PAGE.facts, **facts})
    verdict = ask(expect, WRONG, hello=hello, profile="none")
    assert (verdict.status, verdict.cause, verdict.also) == ("fail", "fallback/single-thread", also)
    assert verdict.detail["facts"]["headers"] == {}
    verdict = ask(expect, WRONG, hello=hello)
    assert (verdict.cause, verdict.also, "facts" in verdict.detail) == ("fallback/single-thread", (), False)


def test_a_page_whose_worker_did_not_load_is_blocked_whatever_is_asked() -> None:
    """Its features are not known then, and so cannot be lacking; where its headers are right it is no isolation."""
    worker = {"error": {"phase": "fetch", "name": "WorkerError", "message": "the script of the worker did not load"}}
    facts = {"crossOriginIsolated": True, "headers": ISOLATING, "worker": worker}
    for headers, status, cause in (
        ({}, "blocked", "isolation/worker-script-without-coep"),
        (ISOLATING, "unsupported", "unsupported/feature:simd"),
    ):
        hello = Hello("chromium", "156", frozenset(), {**facts, "workerHeaders": headers})
        verdict = judge([], Observation("done"), hello, ["simd"], "isolated")
        assert (verdict.status, verdict.cause) == (status, cause)


@pytest.mark.parametrize(
    ("name", "status", "cause"),
    [("DataCloneError", "blocked", "isolation/post-message-refused"), ("RangeError", "fail", "threads/refused")],
)
def test_an_isolated_page_that_cannot_spawn(name: str, status: str, cause: str) -> None:
    """Missing headers are not blamed where isolation is there."""
    hello = Hello("chromium", "156", frozenset(), {"crossOriginIsolated": True, "headers": {}})
    verdict = ask(None, error("spawn", name), hello=hello, profile="isolated")
    assert (verdict.status, verdict.cause) == (status, cause)


def test_a_runtime_that_is_not_there_says_what_to_install() -> None:
    """Missing is not skipped."""
    verdict = missing("missing/runtime", "apt-get install chromium", "last words")
    assert (verdict.status, verdict.detail["reason"], verdict.detail["stderr"]) == (
        "missing",
        "apt-get install chromium",
        "last words",
    )
    assert absent("unsupported/toolchain", "no atomics").status == "unsupported"


def test_the_first_wrong_result_speaks() -> None:
    """A crash after a wrong value does not hide it."""
    verdict = judge([{**CALL, "expect": EXPECT}, CALL], Observation("crash", [WRONG], code=-11), HELLO)
    assert verdict.cause == "engine/wrong-value"


def test_a_speed_up_is_told_and_never_fails() -> None:
    """It is information."""
    script = [CALL, {**CALL, "expect": {"speedup": {"of": 1, "over": 0}}}]
    results = [{"values": [], "seconds": 2.0}, {"values": [], "seconds": 1.0}]
    verdict = judge(script, Observation("done", results), HELLO)
    assert (verdict.status, verdict.detail["speedup"]) == ("pass", 2.0)


def test_a_refusal_that_may_come_is_told_and_never_fails() -> None:
    """How many threads there were at once, and how the runtime said no to more."""
    spawn, joined = {"type": "spawn", "workers": 2}, {"workers": [RIGHT, RIGHT]}
    join: dict[str, Any] = {"type": "join", "expect": {"workers": {"values": [EXPECT["values"]] * 2}}}
    script: list[dict[str, Any]] = [spawn, join, {**spawn, "expect": {"refusal": "spawn"}}, join]
    refused = judge(script, Observation("done", [{}, joined, error("spawn", "RangeError")]), HELLO)
    assert (refused.status, refused.detail) == (
        "pass",
        {"refused": "RangeError: told by the engine", "most_threads": 2},
    )
    all_given = judge(script, Observation("done", [{}, joined, {}, joined]), HELLO)
    assert (all_given.status, all_given.detail) == ("pass", {"most_threads": 2})
    cut_off = judge(script, Observation("done", [{}, joined, error("call")]), HELLO)
    assert cut_off.status == "fail"


@pytest.mark.parametrize(("by", "words"), [("engine", "the engine's own"), ("host", "by our host function")])
def test_a_cell_says_who_starts_the_threads_of_a_program(by: str, words: str) -> None:
    """Whether it passed or not."""
    for code, status in ((0, "pass"), (1, "fail")):
        verdict = ask({"wasi": {"exit": 0}}, {**wasi(code), "threads": by})
        assert (verdict.status, verdict.detail["wasi.thread-spawn"]) == (status, words)


def test_the_list_of_causes_is_closed() -> None:
    """Every cause that a verdict can have is in it, and explained; statuses too."""
    for _, cause, _, _ in CASES:
        assert is_cause(cause)
        assert explain(cause)
    assert not is_cause("engine/bad-luck")
    assert {status for status, *_ in CASES} <= set(STATUSES)
    assert all(text == text.strip() and not text.endswith(".") for text in CAUSES.values())


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (CALL, "f(i32 1)"),
        ({"type": "spawn", "workers": 4, "field": "thread_entry"}, "spawn 4 workers in thread_entry"),
        ({"type": "wasi", "args": ["matrix", "cat"]}, "run matrix cat"),
        ({"type": "program", "args": ["join", "4"]}, "run join 4"),
        ({"type": "read", "length": 8}, "read 8 bytes"),
        ({"type": "module", "module": "$module"}, "module $module"),
        ({"type": "join"}, "join"),
    ],
)
def test_a_command_in_words(command: dict[str, Any], words: str) -> None:
    """As a person would write it."""
    assert describe(command) == words


# ---- probes

PROBE = {"type": "probe", "probe": "contexts", "with": {"kind": "service"}, "expect": {"standard": True}}
NO_WORKER = {"worker": {"error": {"phase": "fetch", "message": "the script of the worker did not load"}}}


def probed(facts: dict[str, Any], profile: str, **page: Any) -> Verdict:
    """The verdict on a service worker with these facts."""
    hello = replace(PAGE, facts={**PAGE.facts, **page})
    return judge([PROBE], Observation("done", [{"facts": facts}], 0.5), hello, (), profile)


def test_facts_that_the_standards_require_pass_and_are_shown() -> None:
    """Also where the page could start no worker for modules."""
    verdict = probed({"loaded": False}, "insecure", workerHeaders={}, headers=ISOLATING, **NO_WORKER)
    causes = ["isolation/insecure-context"]
    assert verdict.detail == {"facts": {"loaded": False}, "threads_work": False, "causes": causes}
    assert verdict.status == "pass"


def test_a_probe_has_the_headers_of_its_page_and_what_was_seen_from_outside_for_evidence() -> None:
    """Of the rest that its runner knows, nothing: that is of the worker for modules."""
    told = {"headers": ISOLATING, "blocked": [{"url": "/image", "error": "NS_ERROR_DOM_CORP_FAILED"}]}
    seen = Observation("done", [{"facts": {"loaded": False}}], 0.5, facts={**told, "console": [], "workerHeaders": {}})
    detail = judge([PROBE], seen, PAGE, (), "insecure").detail
    assert {key: value for key, value in detail.items() if key not in ("facts", "threads_work", "causes")} == told


def test_what_a_browser_cannot_be_asked_is_unsupported() -> None:
    """Also where the page could start no worker for modules: a probe needs none."""
    hello = replace(PAGE, facts={**PAGE.facts, "workerHeaders": {}, "headers": ISOLATING, **NO_WORKER})
    refused = Observation("done", [error("probe", "unsupported")], 0.5)
    verdict = judge([PROBE], refused, hello, (), "worker-without-coep")
    assert (verdict.status, verdict.cause) == ("unsupported", "unsupported/binding")


def test_a_fact_that_departs_fails_with_what_is_required_and_where() -> None:
    verdict = probed({"loaded": True}, "insecure")
    assert (verdict.status, verdict.cause) == ("fail", "isolation/departs-from-standard")
    (departure,) = verdict.detail["departures"]
    assert (departure["fact"], departure["seen"], departure["required"]) == ("loaded", True, False)
    assert departure["source"].startswith("https://")


def test_a_profile_of_the_users_own_comes_as_its_definition() -> None:
    verdict = probed({"loaded": False}, '{"name": "mine", "why": "Ours.", "headers": {}}')
    assert [departure["fact"] for departure in verdict.detail["departures"]] == [
        "loaded",
        "isSecureContext",
        "memory",
        *("wait", "waitAsync", "sent"),
    ]


def test_a_probe_that_could_not_be_asked_is_a_fault_of_the_suite() -> None:
    assert ask({"standard": True}, error("probe", "TypeError")).cause == "suite/probe"
