"""Each profile that is shipped, in the real browsers, against the table of what the standards require."""

from __future__ import annotations

import json

import pytest

from conformance.verdict import judge
from headers_server.profiles import shipped
from runners.session import MIB, Session
from runners.targets import parse_target, runtime_of, session_of
from tests.conformance.required import REQUIRED, Required
from tests.conftest import ready
from tests.runners.test_browser import KINDS, MEMORY, call, i32, module, spawn

THREADS = [MEMORY, module("rust-threads"), *spawn(2), {"type": "join"}]
ALIVE = [module("wat-hostile"), call("after", i32(20), results=["i32"])]

_NO_DIP = Required(False, False, "", ("isolation/browser-lacks-document-isolation-policy",))
_NO_CREDENTIALLESS = Required(False, False, "", ("isolation/browser-lacks-credentialless",))
DEPARTURES = {
    ("firefox", "dip-require-corp"): _NO_DIP,
    ("firefox", "dip-credentialless"): _NO_DIP,
    ("firefox", "permission-denied"): REQUIRED["isolated"],
    ("webkitgtk", "dip-require-corp"): _NO_DIP,
    ("webkitgtk", "dip-credentialless"): _NO_DIP,
    ("webkitgtk", "permission-denied"): REQUIRED["isolated"],
    ("webkitgtk", "credentialless"): _NO_CREDENTIALLESS,
}
"""What browsers do instead: docs/findings.md."""
NO_SHARED_ARRAY_BUFFER = "webkitgtk"
"""In its build a page may be isolated, and has none all the same."""


ASKED = [
    pytest.param(browser, profile, marks=pytest.mark.xdist_group(browser))
    for browser in KINDS for profile in REQUIRED if browser not in shipped()[profile].cannot
]  # fmt: skip


@pytest.mark.parametrize(("browser", "profile"), ASKED)
def test_a_browser_under_a_profile_is_as_the_standard_requires_or_departs_as_is_known(
    browser: str, profile: str
) -> None:
    required = DEPARTURES.get((browser, profile), REQUIRED[profile])
    target = ready(f"{browser}+{profile}")
    with session_of(target, 1024 * MIB) as session:
        hello = session.said()
        assert hello.facts["crossOriginIsolated"] is required.isolated
        verdict = judge(THREADS, session.run(THREADS, 20.0), hello, (), target.profile)
        causes = tuple(cause for cause in (verdict.cause, *verdict.also) if cause)
        expected: tuple[str, tuple[str, ...]]
        if browser == NO_SHARED_ARRAY_BUFFER and required.isolated and required.threads:
            expected = "unsupported", ("unsupported/shared-array-buffer",)
        else:
            expected = ("pass" if required.threads else "blocked", required.causes)
        assert (verdict.status, causes) == expected, verdict.detail
        _others_run(session, profile)


def _others_run(session: Session, profile: str) -> None:
    """What needs no isolation runs all the same, unless its worker cannot even load."""
    if REQUIRED[profile].causes != ("isolation/worker-script-without-coep",):
        assert session.run(ALIVE, 20.0).results[-1]["values"] == [i32(41)]


@pytest.mark.parametrize(
    ("browser", "profile"), [(browser, name) for name, profile in shipped().items() for browser in profile.cannot]
)
def test_a_profile_under_which_a_browser_cannot_be_brought_says_why(browser: str, profile: str) -> None:
    target = parse_target(f"{browser}+{profile}", list(shipped()))
    state = runtime_of(target).state(target)
    assert (state.kind, state.say) == ("unsupported", shipped()[profile].cannot[browser])


@pytest.mark.parametrize("profile", [name for name, profile in shipped().items() if profile.flags or profile.host])
def test_a_profile_that_takes_more_than_headers_says_of_each_browser_how(profile: str) -> None:
    """So that no browser is asked under a profile that it is not under."""
    known = shipped()[profile]
    names = {*known.flags, *known.hosts, *known.cannot}
    assert names == {"chromium", "firefox", "webkitgtk", "safari"}


def test_the_headers_that_were_sent_are_among_the_facts() -> None:
    target = ready("chromium+coep-twice")
    with session_of(target, 1024 * MIB) as session:
        facts = session.said().facts
    sent = [value for name, value in shipped()["coep-twice"].headers["document"] if "Embedder" in name]
    assert facts["headers"]["cross-origin-embedder-policy"] == ", ".join(map(str, sent)), json.dumps(facts["headers"])
