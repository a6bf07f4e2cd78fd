"""Each profile that is shipped, in the real Chromium, against the table of what the standards require."""

from __future__ import annotations

import json

import pytest

from conformance.verdict import judge
from headers_server.profiles import shipped
from runners.session import MIB, Session
from runners.targets import session_of
from tests.conformance.required import REQUIRED
from tests.conftest import ready
from tests.runners.test_browser import MEMORY, call, i32, module, spawn

THREADS = [MEMORY, module("rust-threads"), *spawn(2), {"type": "join"}]
ALIVE = [module("wat-hostile"), call("after", i32(20), results=["i32"])]


@pytest.mark.parametrize("profile", REQUIRED)
def test_chromium_under_a_profile_is_as_the_standard_requires(profile: str) -> None:
    required = REQUIRED[profile]
    target = ready(f"chromium+{profile}")
    with session_of(target, 1024 * MIB) as session:
        hello = session.said()
        assert hello.facts["crossOriginIsolated"] is required.isolated
        verdict = judge(THREADS, session.run(THREADS, 20.0), hello, (), target.profile)
        causes = tuple(cause for cause in (verdict.cause, *verdict.also) if cause)
        assert (verdict.status, causes) == ("pass" if required.threads else "blocked", required.causes), verdict.detail
        _others_run(session, profile)


def _others_run(session: Session, profile: str) -> None:
    """What needs no isolation runs all the same, unless its worker cannot even load."""
    if REQUIRED[profile].causes != ("isolation/worker-script-without-coep",):
        assert session.run(ALIVE, 20.0).results[-1]["values"] == [i32(41)]


def test_the_headers_that_were_sent_are_among_the_facts() -> None:
    target = ready("chromium+coep-twice")
    with session_of(target, 1024 * MIB) as session:
        facts = session.said().facts
    sent = [value for name, value in shipped()["coep-twice"].headers["document"] if "Embedder" in name]
    assert facts["headers"]["cross-origin-embedder-policy"] == ", ".join(map(str, sent)), json.dumps(facts["headers"])
