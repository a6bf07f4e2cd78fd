"""What the suite makes of an observation: a status and, unless it passed, a cause. Pure; runners only report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from conformance.expect import Mismatch, at_fault, awaits_error, check
from conformance.isolation import isolation_causes, sharing_causes, worker_causes
from conformance.measured import measured, refusal
from conformance.result import show_value
from conformance.rules import Departure, departures
from conformance.standard import PROBES
from headers_server.profiles import Profile, read
from runners.features import FEATURES
from runners.observation import Hello, Observation

__all__ = ["Verdict", "absent", "judge", "missing"]

_ERROR_CAUSES = {
    "script": "suite/script",
    "fetch": "suite/fetch",
    "compile": "engine/refused-module",
    "link": "engine/refused-import",
    "instantiate": "engine/refused-start",
    "call": "engine/refused-call",
    "memory": "engine/memory",
    "wasi": "wasi/wrong-result",
    "spawn": "threads/refused",
    "request": "edge/no-response",
    "probe": "suite/probe",
    "program": "program/wrong-result",
}
_UNSUPPORTED = {
    "wasi": "unsupported/wasi",
    "spawn": "unsupported/threads",
    "memory": "unsupported/feature:threads",
    "program": "unsupported/program",
}
_PROVIDERS = {"engine": "the engine's own", "host": "by our host function"}
_UNEXPECTED = {
    "trap": "engine/unexpected-trap",
    "exception": "engine/unexpected-exception",
    "exit": "engine/unexpected-exit",
    "thrown": "engine/unexpected-error",
}

_ISOLATION_FACTS = (
    "crossOriginIsolated", "isSecureContext", "originAgentCluster", "SharedArrayBuffer", "headers", "workerHeaders",
    "console", "userAgent",
)  # fmt: skip

_BESIDE_PROBES = ("headers", "console", "blocked", "reports")
"""What a browser's runner tells beside the facts of a probe: the headers of its page, what was seen from outside."""


@dataclass(frozen=True)
class Verdict:
    """`status` and `cause` are words of conformance/causes.py; `also` are further causes of the same cell.

    `detail` is the evidence: which command, what was expected and seen, the engine's message, the end of stderr, the
    page's facts, whichever there is. `seconds` is the runner's own time.
    """

    status: str
    cause: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    also: tuple[str, ...] = ()
    call_seconds: float = 0.0
    """Of `seconds`, what was spent in calls into modules."""
    failures: tuple[tuple[str, str | None], ...] = ()
    """Of a flaky cell: each (status, cause) with which a repeat failed."""


def absent(cause: str, reason: str) -> Verdict:
    """Nothing can be asked: there is no such module, or it can run nowhere."""
    return Verdict("unsupported", cause, {"reason": reason})


def missing(cause: str, reason: str, stderr: str = "") -> Verdict:
    """There is no runtime to ask; `reason` says what to install."""
    return Verdict("missing", cause, {"reason": reason, **({"stderr": stderr} if stderr else {})})


def judge(
    script: Sequence[Mapping[str, Any]],
    observation: Observation,
    hello: Hello,
    features: Sequence[str] = (),
    profile: str | None = None,
) -> Verdict:
    """The verdict on one cell.

    `script` with its `expect`s, as the case wrote it; `features` are those that module and case need; `profile` is the
    headers profile of a browser: its name, or its definition in JSON. A worker that its page could not start, and then
    lacking features, come first: nothing else can be said of such a cell, but of the page itself (a probe).
    """
    facts = {**hello.facts, **observation.facts}
    if profile is not None and observation.results and all("facts" in result for result in observation.results):
        return _of_probes(script, observation, read(profile))
    asks_worker = profile is not None and not any(command.get("type") == "probe" for command in script)
    if asks_worker and "error" in facts.get("worker", {}) and (causes := worker_causes(facts)):
        error = facts["worker"]["error"]
        evidence = {"phase": error.get("phase"), "message": error.get("message"), "facts": _shown(facts)}
        return Verdict("blocked", causes[0], evidence, observation.seconds)
    lacking = [name for name in features if name not in hello.features]
    if lacking:
        reason = "; ".join(_lacks(hello, name) for name in lacking)
        return Verdict("unsupported", f"unsupported/feature:{lacking[0]}", {"reason": reason})
    verdict = _of_results(script, observation, facts, profile) or _of_end(script, observation)
    if by := next((result["threads"] for result in observation.results if "threads" in result), None):
        verdict = replace(verdict, detail={**verdict.detail, "wasi.thread-spawn": _PROVIDERS.get(by, by)})
    return replace(verdict, call_seconds=sum(float(result.get("seconds", 0.0)) for result in observation.results))


def _of_probes(script: Sequence[Mapping[str, Any]], observation: Observation, profile: Profile) -> Verdict:
    """Whether all facts are as the standards require under the profile; the facts are shown either way."""
    found: list[Departure] = []
    detail: dict[str, Any] = {"facts": {}}
    for command, result in zip(script, observation.results, strict=False):
        detail["facts"] |= result["facts"]
        probe, asked = PROBES[command["probe"]], command.get("with", {})
        found += departures(result["facts"], probe.rules(asked, profile))
        detail |= probe.explain(asked, profile, result["facts"])
    detail |= {key: observation.facts[key] for key in _BESIDE_PROBES if observation.facts.get(key)}
    if not found:
        return replace(_of_end(script, observation), detail=detail)
    detail["departures"] = [asdict(departure) for departure in found]
    return Verdict("fail", "isolation/departs-from-standard", detail, observation.seconds)


def _lacks(hello: Hello, name: str) -> str:
    """What the probe of a feature says."""
    finding = hello.findings.get(name)
    if finding is None and name in FEATURES and FEATURES[name].api:
        return f"{hello.runtime} {hello.version} has no {name}: it is JavaScript's"
    said = "not asked" if finding is None else f"{finding.state}: {finding.message}"
    return f"{hello.runtime} {hello.version}, probe of {name}: {said}"


def _of_end(script: Sequence[Mapping[str, Any]], observation: Observation) -> Verdict:
    """The verdict when no result speaks against the cell: how the script ended."""
    evidence: dict[str, Any] = {}
    if observation.stderr:
        evidence["stderr"] = observation.stderr[-2000:]
    seconds = observation.seconds
    if observation.end == "deadline":
        return Verdict(
            "timeout", "timeout/deadline", {"reason": f"no answer within {seconds:.1f} s", **evidence}, seconds
        )
    if observation.end == "memory":
        return Verdict(
            "crash", "crash/memory-limit", {"reason": "ended by the host at its memory limit", **evidence}, seconds
        )
    if observation.end == "protocol":
        evidence |= {"noise": observation.noise} if observation.noise else {}
        return Verdict("crash", "crash/protocol", {"reason": observation.breach, **evidence}, seconds)
    if observation.end == "crash":
        code = observation.code
        if code is not None and code < 0:
            return Verdict("crash", "crash/signal", {"signal": -code, **evidence}, seconds)
        return Verdict("crash", "crash/exit", {"exit": code, **evidence}, seconds)
    told = measured(script, observation.results, seconds)
    if len(observation.results) < len(script) and "refused" not in told:
        reason = f"{len(observation.results)} results for {len(script)} commands"
        return Verdict("fail", "suite/script", {"reason": reason, **evidence}, seconds)
    return Verdict("pass", None, told, seconds)


def _of_results(
    script: Sequence[Mapping[str, Any]], observation: Observation, facts: Mapping[str, Any], profile: str | None
) -> Verdict | None:
    """The verdict of the first result that is not what its command demands; None when there is none."""
    results = observation.results
    for index, (command, result) in enumerate(zip(script, results, strict=False)):
        expect = command.get("expect", {})
        if refusal(expect, result) is not None:
            return None
        if "error" in result and not awaits_error(expect, result["error"]):
            return _of_error(index, command, result["error"], observation, facts, profile)
        mismatch = check(expect, result, results)
        if mismatch is not None:
            evidence = {
                "command": index,
                "what": describe(command),
                "expected": mismatch.expected,
                "seen": mismatch.seen,
            }
            evidence |= {"stderr": observation.stderr[-2000:]} if observation.stderr else {}
            cause = _cause(expect, result, mismatch)
            also: Sequence[str] = ()
            if cause == "fallback/single-thread" and profile is not None:
                evidence["facts"], also = _shown(facts), sharing_causes(facts)
            return Verdict("fail", cause, evidence, observation.seconds, tuple(also))
    return None


def _of_error(
    index: int, command: Mapping[str, Any], error: Mapping[str, Any], observation: Observation,
    facts: Mapping[str, Any], profile: str | None,
) -> Verdict:  # fmt: skip
    phase, name, message = error.get("phase", ""), error.get("name", ""), error.get("message", "")
    asked = command.get("expect", {}).get("what")
    what = f"{asked}: {describe(command)}" if asked else describe(command)
    evidence: dict[str, Any] = {"command": index, "what": what, "phase": phase, "message": message}
    if name:
        evidence["name"] = name
    if observation.stderr:
        evidence["stderr"] = observation.stderr[-2000:]
    seconds = observation.seconds
    if phase == "deadline":
        return Verdict("timeout", "timeout/deadline", evidence, seconds)
    isolated = facts.get("crossOriginIsolated")
    if profile is not None and phase in ("spawn", "memory", "program"):
        if isolated and facts.get("SharedArrayBuffer") == "undefined":
            evidence["facts"] = _shown(facts)
            return Verdict("unsupported", "unsupported/shared-array-buffer", evidence, seconds)
        if name == "DataCloneError" or not isolated:
            causes = isolation_causes(facts)
            evidence["facts"] = _shown(facts)
            return Verdict("blocked", causes[0], evidence, seconds, tuple(causes[1:]))
    if name == "unsupported":
        return Verdict("unsupported", _UNSUPPORTED.get(phase, "unsupported/binding"), evidence, seconds)
    if phase == "call" and command.get("type") == "wasi":
        return Verdict("fail", "wasi/wrong-result", evidence, seconds)
    return Verdict("fail", _ERROR_CAUSES.get(phase, "suite/script"), evidence, seconds)


def _shown(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a page that are evidence of its isolation."""
    return {key: facts[key] for key in _ISOLATION_FACTS if key in facts}


def _cause(expect: Mapping[str, Any], result: Mapping[str, Any], mismatch: Mismatch) -> str:
    """Which cause a mismatch has: what was demanded, against how the command (or its first such worker) ended."""
    if mismatch.kind == "value" and "means" in expect:
        return str(expect["means"])
    if mismatch.kind == "escaped":
        return "edge/escaped" if "response" in expect else "wasi/escaped"
    if mismatch.kind == "allowed":
        return "wasi/not-refused"
    expect, result = at_fault(expect, result)
    ended = next((kind for kind in _UNEXPECTED if kind in result), None)
    if "wasi" in expect:
        return "engine/unexpected-trap" if ended == "trap" else "wasi/wrong-result"
    if "program" in expect:
        return "program/wrong-result"
    if "response" in expect:
        return "edge/wrong-response"
    for way in ("error", "thrown"):
        if way in expect:
            return "engine/wrong-error" if way in result else "engine/accepted"
    if "trap" in expect or "failure" in expect:
        return "engine/no-trap" if ended is None else "engine/wrong-trap"
    return _UNEXPECTED.get(ended or "", "engine/wrong-value")


def describe(command: Mapping[str, Any]) -> str:
    """A command in a few words, as a person would write it."""
    kind = str(command.get("type"))
    action = command.get("action")
    if isinstance(action, Mapping):
        arguments = ", ".join(_argument(argument) for argument in action.get("args", ()))
        return f"{action.get('field')}({arguments})"
    if kind == "spawn":
        return f"spawn {command.get('workers')} workers in {command.get('field')}"
    if kind in ("wasi", "program"):
        place = f" in a {command['in']}" if "in" in command else ""
        return "run " + " ".join(str(argument) for argument in command.get("args", ())) + place
    if kind == "request":
        return f"{command.get('method')} {command.get('url')}"
    if kind in ("read", "write"):
        length = command.get("length")
        return f"{kind} {length} bytes" if length is not None else kind
    if kind == "atomics":
        return f"Atomics.{command.get('function')} at {command.get('index')} of {command.get('view')}"
    if kind in ("module", "register") and "module" in command:
        return f"{kind} {command['module']}"
    return re.sub("_", " ", kind)


def _argument(argument: Mapping[str, Any]) -> str:
    if "bound" in argument:
        return f"{argument['bound']}+{argument['plus']}" if argument.get("plus") else str(argument["bound"])
    return show_value(argument).partition(" (")[0]
