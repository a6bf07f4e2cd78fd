"""Each cause of isolation: a page that makes exactly that mistake, in each browser that can show it, and its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest

from conformance.isolation import context_causes, has_threads
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
ALLOW = {"allow": "cross-origin-isolated"}
DENY = {"allow": "cross-origin-isolated 'none'"}
ELSEWHERE = {"kind": "popup", "origin": "cross-site"}
BY_WORKER = {"service_worker": True, "headers": {"everything": {COEP: "require-corp"}}}


class Mistake(NamedTuple):
    """`profile`: the name of one, its headers, or a definition with `headers`; `causes` without their `isolation/`."""

    causes: tuple[str, ...]
    profile: str | dict[str, Any]
    context: dict[str, Any]
    browsers: tuple[str, ...] = tuple(BROWSERS)
    flags: tuple[str, ...] = ()
    within: float = 5.0


def frame(origin: str = "same-origin", **more: Any) -> dict[str, Any]:
    return {"kind": "frame", "origin": origin, **more}


MISTAKES = [
    # none
    Mistake((), "isolated", PAGE, SHARING),
    Mistake((), "isolated", frame(), SHARING),
    Mistake((), "isolated", {"kind": "popup"}, SHARING),
    Mistake((), "isolated", {"kind": "worker"}, SHARING),
    Mistake((), "isolated", {"kind": "worker", "via": "blob"}, SHARING),
    Mistake((), "isolated", {"kind": "nested"}, SHARING),
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
    Mistake(("agent-cluster",), "isolated", frame("cross-site", corp="cross-origin", **ALLOW), ("chromium",)),
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
    Mistake(("never-settled",), "isolated", frame(), within=0.0),
    # two
    Mistake(("coop-missing", "coep-missing"), "none", PAGE),
    Mistake(("coop-wrong", "coep-duplicated"), {COOP: "unsafe-none", COEP: ["require-corp", "require-corp"]}, PAGE),
    Mistake(("report-only:coop", "report-only:coep"), "report-only", PAGE),
    Mistake(("frame-without-coep", "frame-without-corp"), "isolated", frame("cross-site", bare=True)),
    Mistake(("coop-missing", "frame-without-allow"), {COEP: "require-corp"}, frame(**DENY)),
    Mistake(("coep-missing", "data-url-worker"), {COOP: "same-origin"}, {"kind": "worker", "via": "data"}),
    Mistake(("permission-denied", "opener-lost"), "permission-denied", ELSEWHERE, ("chromium",)),
]  # fmt: skip


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


ROWS = [
    pytest.param(browser, mistake, id="-".join([browser, *(mistake.causes or ("none",)), str(index)]).replace(":", "-"))
    for browser in BROWSERS
    for index, mistake in enumerate(sorted(MISTAKES, key=lambda one: (str(one.profile), one.flags)))
    if browser in mistake.browsers
]


@pytest.mark.parametrize(("browser", "mistake"), ROWS)
def test_a_mistake_has_its_name_and_no_other(sessions: Sessions, browser: str, mistake: Mistake) -> None:
    text = text_of(mistake, browser)
    command = {"type": "probe", "probe": "contexts", "with": mistake.context, "within": mistake.within}
    (result,) = sessions.of(browser, text).run([command], 20.0).results
    causes = context_causes(mistake.context, read(text), result["facts"])
    assert tuple(cause.removeprefix("isolation/") for cause in causes) == mistake.causes, result["facts"]
    assert has_threads(result["facts"]) or causes
