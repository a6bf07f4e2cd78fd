"""Each cause of isolation: a page that makes exactly that mistake, in each browser that can show it, and its name."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conformance.causes import CAUSES
from conformance.isolation import has_threads
from conformance.standard import PROBES
from conformance.verdict import judge
from headers_server.profiles import parse, read, shipped
from runners.runtime import Target
from runners.session import MIB, Session
from runners.targets import session_of
from tests.conftest import ready

BROWSERS = ["chromium", "firefox", "webkitgtk"]
SHARING = ("chromium", "firefox")  # WebKitGTK has no SharedArrayBuffer, and its driver lets no pop-up open
COOP, COEP = "Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy"
PAIR = {COOP: "same-origin", COEP: "require-corp"}
PAGE = {"kind": "document"}
EMBEDDED = ("image", "script", "style", "video", "text")
ALLOW = {"allow": "cross-origin-isolated"}
DENY = {"allow": "cross-origin-isolated 'none'"}
ELSEWHERE = {"kind": "popup", "origin": "cross-site"}
FALLS_BACK = Path(__file__).with_name("falls_back")
BY_WORKER = {"service_worker": True, "headers": {"everything": {COEP: "require-corp"}}}


class Mistake(NamedTuple):
    """`profile`: the name of one, its headers, or a definition with `headers`; `causes` without their `isolation/`.

    `asked` is a context of the probe `contexts`, what the probe `subresources` loads; of SILENT where the program runs.
    """

    causes: tuple[str, ...]
    profile: str | dict[str, Any]
    asked: dict[str, Any]
    browsers: tuple[str, ...] = tuple(BROWSERS)
    flags: tuple[str, ...] = ()
    within: float = 5.0


def frame(origin: str = "same-origin", **more: Any) -> dict[str, Any]:
    return {"kind": "frame", "origin": origin, **more}


def loads(*kinds: str, origin: str = "cross-site", mode: str = "no-cors", **query: str) -> dict[str, Any]:
    """A page that loads one thing of each kind, which comes with these headers and no others."""
    return {"loads": [{"name": k, "kind": k, "mode": mode, "relation": origin, "query": query} for k in kinds]}


MISTAKES = [
    # none
    Mistake((), "isolated", PAGE, SHARING),
    Mistake((), "isolated", frame(), SHARING),
    Mistake((), "isolated", {"kind": "popup"}, SHARING),
    Mistake((), "isolated", {"kind": "worker"}, SHARING),
    Mistake((), "isolated", {"kind": "worker", "via": "blob"}, SHARING),
    Mistake((), "isolated", {"kind": "nested"}, SHARING),
    Mistake((), "isolated", loads(*EMBEDDED, corp="cross-origin")),
    Mistake((), "isolated", loads(*EMBEDDED, origin="same-origin")),
    Mistake((), "isolated", loads("image", "text", mode="cors", cors="any")),
    Mistake((), "isolated", loads("image", origin="same-site", corp="same-origin")),  # blocked in every page
    Mistake((), "none", loads(*EMBEDDED)),
    # one
    Mistake(("insecure-context",), "insecure", PAGE),
    Mistake(("insecure-context",), "insecure", {"kind": "service"}),
    Mistake(("coop-missing",), {COEP: "require-corp"}, PAGE),
    Mistake(("coop-wrong",), {**PAIR, COOP: "same-origin-allow-popups"}, PAGE),
    Mistake(("coop-wrong",), {**PAIR, COOP: ["same-origin", "same-origin"]}, PAGE),
    Mistake(("coep-missing",), {COOP: "same-origin"}, PAGE),
    Mistake(("coep-wrong",), {**PAIR, COEP: "same-origin"}, PAGE),
    Mistake(("coep-duplicated",), {**PAIR, COEP: ["require-corp", "require-corp"]}, PAGE),
    Mistake(("report-only:coop",), {f"{COOP}-Report-Only": "same-origin", COEP: "require-corp"}, PAGE),
    Mistake(("report-only:coep",), {COOP: "same-origin", f"{COEP}-Report-Only": "require-corp"}, PAGE),
    Mistake(("permission-denied",), "permission-denied", PAGE, ("chromium",)),
    Mistake(("worker-script-without-coep",), "isolated", {"kind": "worker", "bare": True}),
    Mistake(("worker-script-without-coep",), "isolated", {"kind": "worker", "via": "module", "bare": True}),
    Mistake(("worker-script-without-coep",), "isolated", {"kind": "nested", "bare": True}),
    Mistake(("worker-script-without-coep",), "isolated", {"kind": "shared", "bare": True}),
    Mistake(("frame-without-coep",), "isolated", frame(bare=True)),
    Mistake(("frame-without-corp",), "isolated", frame("cross-site")),
    Mistake(("frame-without-corp",), "isolated", frame("same-site", corp="same-origin")),
    Mistake(("frame-without-allow",), "isolated", frame("cross-site", corp="cross-origin"), ("chromium",)),
    Mistake(
        ("frame-without-allow",), "isolated", frame(**DENY), ("chromium",)
    ),
    Mistake(
        ("frame-without-document-isolation-policy",), "dip-require-corp", frame(bare=True), ("chromium",)
    ),
    Mistake(("data-url-worker",), "isolated", {"kind": "worker", "via": "data"}, ("chromium",)),
    Mistake(("opener-lost",), "isolated", ELSEWHERE, SHARING),
    Mistake(("agent-cluster",), "isolated", frame("cross-site", corp="cross-origin", **ALLOW), SHARING),
    Mistake(
        ("browser-lacks-document-isolation-policy",), "dip-require-corp", PAGE, ("chromium",),
        ("--disable-features=DocumentIsolationPolicy",),
    ),
    Mistake(("service-worker-not-in-control",), BY_WORKER, ELSEWHERE, SHARING),
    Mistake(("browser-lacks-document-isolation-policy",), "dip-require-corp", PAGE, ("firefox", "webkitgtk")),
    Mistake(("browser-lacks-credentialless",), "credentialless", PAGE, ("webkitgtk",)),
    Mistake(
        ("browser-lacks-credentialless",), "isolated", frame("cross-site", bare=True, credentialless=True), ("firefox",)
    ),
    Mistake(("browser-lacks-shared-array-buffer",), "isolated", PAGE, ("webkitgtk",)),
    Mistake(("agent-cluster",), "isolated", {"kind": "service"}, ("chromium",)),
    *(Mistake((f"subresource-blocked:{kind}",), "isolated", loads(kind)) for kind in EMBEDDED),
    Mistake(("subresource-blocked:image",), "isolated", loads("image", origin="same-site")),
    Mistake(("subresource-blocked:image",), "dip-require-corp", loads("image"), ("chromium",)),
    Mistake(("worker-script-without-coep",), "isolated", loads("worker", origin="same-origin", mode="same-origin")),
    Mistake(("frame-without-coep",), "isolated", loads("frame", mode="navigate", corp="cross-origin")),
    Mistake(("post-message-refused",), "isolated", {**PAGE, "transfer": True}, SHARING),
    Mistake(("post-message-refused",), "isolated", {"kind": "worker", "transfer": True}, SHARING),
    Mistake(("memory-not-shared",), "isolated", {**PAGE, "memory": {"initial": 1}}, SHARING),
    Mistake(("memory-not-shared",), "isolated", {"kind": "worker", "memory": {"initial": 1, "shared": True}}, SHARING),
    Mistake(("not-loaded",), "isolated", {"kind": "worker", "path": "absent.js"}),
    Mistake(("not-loaded",), "isolated", {"kind": "worker", "path": "inside.html"}),
    Mistake(("not-loaded",), "isolated", frame(path="absent.html")),
    Mistake(("not-loaded",), {**PAIR, "Content-Security-Policy": "worker-src 'none'"}, {"kind": "worker"}),
    Mistake(("not-loaded",), {**PAIR, "Content-Security-Policy": "worker-src 'none'"}, {"kind": "shared"}),
    Mistake(("not-isolated",), "isolated", {"kind": "shared"}),
    Mistake(("not-isolated",), "isolated", {"kind": "service"}, ("firefox", "webkitgtk")),
    Mistake(("never-settled",), "isolated", {"kind": "worker", "path": "resources/script"}, within=1.0),
    # two
    Mistake(("subresource-blocked:image", "subresource-blocked:script"), "isolated", loads("image", "script")),
    Mistake(("frame-without-coep", "frame-without-corp"), "isolated", loads("frame", mode="navigate")),
    Mistake(("memory-not-shared", "coop-missing", "coep-missing"), "none", {**PAGE, "memory": {"initial": 1}}),
    Mistake(
        ("memory-not-shared", "browser-lacks-shared-array-buffer"), "isolated", PAGE, ("firefox",),
        ("javascript.options.shared_memory=false",),
    ),
    Mistake(("coop-missing", "coep-missing"), "none", PAGE),
    Mistake(("coop-wrong", "coep-duplicated"), {COOP: "unsafe-none", COEP: ["require-corp", "require-corp"]}, PAGE),
    Mistake(("report-only:coop", "report-only:coep"), "report-only", PAGE),
    Mistake(("frame-without-coep", "frame-without-corp"), "isolated", frame("cross-site", bare=True)),
    Mistake(("coop-missing", "frame-without-allow"), {COEP: "require-corp"}, frame(**DENY)),
    Mistake(("coep-missing", "data-url-worker"), {COOP: "same-origin"}, {"kind": "worker", "via": "data"}),
    Mistake(
        ("browser-lacks-document-isolation-policy", "frame-without-allow"), "dip-require-corp", frame("cross-site"),
        ("firefox", "webkitgtk"),
    ),
    Mistake(("permission-denied", "opener-lost"), "permission-denied", ELSEWHERE, ("chromium",)),
]  # fmt: skip

SILENT = [
    Mistake((), "isolated", {}, SHARING),
    Mistake((), "forced", {}, ("webkitgtk",)),
    # It asks for what is not there in a worker, and the page is not to blame.
    Mistake(("fallback/single-thread",), "isolated", {"in": "worker"}, SHARING),
    Mistake(("fallback/single-thread",), "forced", {"in": "worker"}, ("webkitgtk",)),
    # It is right not to share memory, and wrong to say nothing.
    Mistake(("fallback/single-thread", "coop-missing", "coep-missing"), "none", {}),
    Mistake(("fallback/single-thread", "coep-missing"), "coop-only", {}),
    Mistake(("fallback/single-thread", "browser-lacks-shared-array-buffer"), "isolated", {}, ("webkitgtk",)),
]
"""The program of `falls_back`, which does the work of its threads in turn where it thinks that it shares no memory."""


class Sessions:
    """One at a time: mistakes under one profile stand together."""

    def __init__(self) -> None:
        self._key: tuple[str, str] | None = None
        self._stack = ExitStack()

    def of(self, browser: str, text: str) -> Session:
        if self._key != (browser, text):
            self.close()
            ready(f"{browser}+isolated")
            profile = read(text)
            target = Target(f"{browser}+{profile.name}", browser, profile=profile.name, own_profile=text)
            self._key, session = (browser, text), self._stack.enter_context(session_of(target, 1024 * MIB))
            self._session = session
        return self._session

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(scope="module")
def sessions() -> Iterator[Sessions]:
    found = Sessions()
    yield found
    found.close()


def text_of(mistake: Mistake, browser: str) -> str:
    """The profile's definition, with the flags."""
    if isinstance(mistake.profile, str):
        entry = json.loads(shipped()[mistake.profile].text)
    else:
        written = mistake.profile if "headers" in mistake.profile else {"headers": {"everything": mistake.profile}}
        entry = {"name": "mine", "why": "It makes a mistake.", **written}
    flags = {"flags": {browser: [*mistake.flags]}} if mistake.flags else {}
    return parse({**entry, **flags}).text


def rows(mistakes: Sequence[Mistake]) -> list[Any]:
    """In each browser that can show it; those under one profile together."""
    return [
        pytest.param(
            browser, mistake, marks=pytest.mark.xdist_group(browser),
            id="-".join([browser, *(mistake.causes or ("none",)), str(index)]).replace(":", "-"),
        )
        for browser in BROWSERS
        for index, mistake in enumerate(sorted(mistakes, key=lambda one: (str(one.profile), one.flags)))
        if browser in mistake.browsers
    ]  # fmt: skip


@pytest.fixture(scope="session")
def falls_back(wat2wasm: Callable[[str], bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The command that runs it with two threads."""
    folder = tmp_path_factory.mktemp("falls-back")
    parts = {name: (FALLS_BACK / name).read_bytes() for name in ("main.mjs", "thread.js")}
    parts["inside.wasm"] = wat2wasm((FALLS_BACK / "inside.wat").read_text(encoding="utf-8"))
    files = {}
    for name, content in parts.items():
        (folder / name).write_bytes(content)
        files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "path": str(folder / name)}
    return {"type": "program", "main": "main.mjs", "files": files, "args": ["2"]}


def test_each_cause_of_isolation_has_a_mistake_of_its_own() -> None:
    """A departure is no mistake of a page's."""
    alone = {mistake.causes[0].partition(":")[0] for mistake in MISTAKES if len(mistake.causes) == 1}
    named = {code.removeprefix("isolation/") for code in CAUSES if code.startswith("isolation/")}
    assert alone == named - {"departs-from-standard"}


@pytest.mark.parametrize(("browser", "mistake"), rows(MISTAKES))
def test_a_mistake_has_its_name_and_no_other(sessions: Sessions, browser: str, mistake: Mistake) -> None:
    text = text_of(mistake, browser)
    probe = "subresources" if "loads" in mistake.asked else "contexts"
    command = {"type": "probe", "probe": probe, "with": mistake.asked, "within": mistake.within}
    (result,) = sessions.of(browser, text).run([command], 20.0).results
    causes = PROBES[probe].explain(mistake.asked, read(text), result["facts"])["causes"]
    assert tuple(cause.removeprefix("isolation/") for cause in causes) == mistake.causes, result["facts"]
    assert probe == "subresources" or has_threads(result["facts"]) or causes


@pytest.mark.parametrize(("browser", "mistake"), rows(SILENT))
def test_threads_that_are_none_are_seen_and_why_the_page_has_none(
    sessions: Sessions, falls_back: dict[str, Any], browser: str, mistake: Mistake
) -> None:
    """The answer is right and there is no error: it is told by how many were inside of the module at the same time."""
    text = text_of(mistake, browser)
    session = sessions.of(browser, text)
    observation = session.run([{**falls_back, **mistake.asked}], 20.0)
    (result,) = observation.results
    assert result["exit"] == 0, result
    gives = {"exit": 0, "stdout": b"sum 3, at once 2\n", "stderr": b""}
    expect = {"program": gives, "means": "fallback/single-thread"}
    verdict = judge([{**falls_back, "expect": expect}], observation, session.hello(), (), text)
    causes = tuple(cause.removeprefix("isolation/") for cause in (verdict.cause, *verdict.also) if cause)
    assert (verdict.status, causes) == ("fail" if mistake.causes else "pass", mistake.causes), verdict.detail
    if mistake.causes:
        assert base64.b64decode(result["stdout"]) == b"sum 3, at once 1\n"
        assert verdict.detail["facts"]["SharedArrayBuffer"] in ("function", "undefined")
