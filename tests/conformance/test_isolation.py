"""conformance/isolation.py: which condition of isolation is not met, by facts alone."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.causes import is_cause
from conformance.isolation import isolation_causes, worker_causes
from headers_server.profiles import shipped
from tests.conformance.required import REQUIRED

COOP, COEP = "cross-origin-opener-policy", "cross-origin-embedder-policy"
PAIR = {COOP: "same-origin", COEP: "require-corp"}


def joined(profile: str, kind: str) -> dict[str, str]:
    """The headers of a profile as a page reads them: those that were sent twice in one line."""
    found: dict[str, str] = {}
    for name, value in shipped()[profile].headers[kind]:
        if value is not None:
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def causes(headers: dict[str, str], **facts: Any) -> list[str]:
    found = isolation_causes({"crossOriginIsolated": False, "isSecureContext": True, "headers": headers, **facts})
    assert all(map(is_cause, found))
    return [cause.removeprefix("isolation/") for cause in found]


def test_each_profile_that_is_shipped_has_its_row_in_the_table_of_the_standard() -> None:
    assert list(REQUIRED) == list(shipped())


@pytest.mark.parametrize("name", [name for name, row in REQUIRED.items() if not row.isolated and not row.threads])
def test_the_headers_of_a_profile_that_does_not_isolate_give_the_causes_of_the_table(name: str) -> None:
    facts = {"crossOriginIsolated": False, "isSecureContext": name != "insecure", "headers": joined(name, "document")}
    assert tuple(isolation_causes(facts)) == REQUIRED[name].causes


@pytest.mark.parametrize("name", [name for name, row in REQUIRED.items() if row.isolated])
def test_the_headers_of_a_profile_that_isolates_are_not_to_blame(name: str) -> None:
    blamed = causes(joined(name, "document"))
    assert blamed == {
        "credentialless": ["browser-lacks-credentialless"],
        "dip-require-corp": ["browser-lacks-document-isolation-policy"],
        "dip-credentialless": ["browser-lacks-document-isolation-policy"],
    }.get(name, ["not-isolated"])


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ('require-corp; report-to="a, b; c"', "not-isolated"),
        ("require-corp;report-to=x", "not-isolated"),
        ("credentialless", "browser-lacks-credentialless"),
        ('"require-corp"', "coep-wrong"),
        ("require-corp;", "coep-wrong"),
        ("require corp", "coep-wrong"),
        ("", "coep-wrong"),
        ("unsafe-none", "coep-wrong"),
        ('require-corp; report-to="a, b", require-corp', "coep-duplicated"),
    ],
)
def test_an_embedder_policy_is_read_as_a_structured_field(value: str, cause: str) -> None:
    assert causes({**PAIR, COEP: value}) == [cause]


@pytest.mark.parametrize(
    ("policy", "denied"),
    [
        ("cross-origin-isolated=()", True),
        ("camera=(), cross-origin-isolated=(), microphone=()", True),
        ('cross-origin-isolated=("https://a.example")', True),
        ("cross-origin-isolated=(self)", False),
        ('cross-origin-isolated=(self "https://a.example")', False),
        ("cross-origin-isolated=*", False),
        ("cross-origin-isolated=self", False),
        ("cross-origin-isolated=(), cross-origin-isolated=(self)", False),
        ("x-cross-origin-isolated=()", False),
        ("camera=()", False),
    ],
)
def test_a_permission_is_denied_where_the_page_itself_is_not_in_its_list(policy: str, denied: bool) -> None:
    assert causes({**PAIR, "permissions-policy": policy}) == ["permission-denied" if denied else "not-isolated"]


def test_two_mistakes_are_both_named() -> None:
    headers = {
        COOP: "unsafe-none",
        COEP: "require-corp, require-corp",
        "permissions-policy": "cross-origin-isolated=()",
    }
    assert causes(headers, isSecureContext=False) == [
        "insecure-context",
        "coop-wrong",
        "coep-duplicated",
        "permission-denied",
    ]


def test_a_policy_that_is_enforced_counts_before_one_that_is_reported() -> None:
    assert causes({**PAIR, f"{COEP}-report-only": "require-corp"}) == ["not-isolated"]


def test_an_isolated_page_is_told_by_its_agent_cluster() -> None:
    assert causes(PAIR, crossOriginIsolated=True, originAgentCluster=True) == ["post-message-refused"]
    assert causes(PAIR, crossOriginIsolated=True, originAgentCluster=False) == ["agent-cluster"]


@pytest.mark.parametrize(
    ("document", "worker", "found"),
    [
        (PAIR, {}, ["isolation/worker-script-without-coep"]),
        (PAIR, {COEP: "unsafe-none"}, ["isolation/worker-script-without-coep"]),
        (PAIR, {"Cross-Origin-Embedder-Policy": "credentialless"}, []),
        ({}, {}, []),
    ],
)
def test_a_worker_needs_an_embedder_policy_where_its_page_has_one(
    document: dict[str, str], worker: dict[str, str], found: list[str]
) -> None:
    assert worker_causes({"headers": document, "workerHeaders": worker}) == found
