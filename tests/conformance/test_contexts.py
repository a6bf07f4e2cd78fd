"""conformance/contexts.py: what the standards require of each context, from headers alone."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contexts import document_of, place_of, rules, switches
from headers_server.profiles import Profile, parse, shipped
from tests.conformance.required import REQUIRED

ALLOW = "cross-origin-isolated"


def required(profile: str | Profile, kind: str, **context: Any) -> dict[str, Any]:
    """What each fact must be."""
    found = shipped()[profile] if isinstance(profile, str) else profile
    return {name: rule.value for name, rule in rules({"kind": kind, **context}, found).items()}


@pytest.mark.parametrize("name", REQUIRED)
def test_a_page_under_a_profile_that_is_shipped_is_as_its_row_says(name: str) -> None:
    row, document = REQUIRED[name], document_of(shipped()[name])
    assert document.capable is row.isolated
    assert document.secure is (name != "insecure")
    if name != "forced":  # by no standard
        worker = required(name, "worker")
        assert (worker.get("sent") == "used") is row.threads


@pytest.mark.parametrize(
    ("kind", "more", "wanted"),
    [
        ("document", {}, {"crossOriginIsolated": True, "sent": "used", "wait": "TypeError", "resolution": 5}),
        ("frame", {}, {"crossOriginIsolated": True, "sent": "used", "received": "used"}),
        (
            "frame",
            {"allow": f"{ALLOW} 'none'"},
            {"crossOriginIsolated": False, "SharedArrayBuffer": True, "sent": "used"},
        ),
        ("frame", {"bare": True}, {"loaded": False}),
        ("frame", {"origin": "cross-site"}, {"loaded": False}),
        ("frame", {"origin": "same-site", "corp": "same-site"}, {"loaded": True, "crossOriginIsolated": False}),
        ("frame", {"origin": "cross-site", "corp": "same-site"}, {"loaded": False}),
        (
            "frame",
            {"origin": "cross-site", "corp": "cross-origin", "allow": ALLOW},
            {"crossOriginIsolated": True, "sent": "messageerror", "received": "messageerror"},
        ),
        ("frame", {"origin": "cross-site", "bare": True, "credentialless": True}, {"loaded": True}),
        ("worker", {}, {"crossOriginIsolated": True, "wait": "timed-out", "sent": "used", "received": "used"}),
        ("worker", {"bare": True}, {"loaded": False}),
        ("worker", {"via": "blob"}, {"crossOriginIsolated": True}),
        ("worker", {"via": "data"}, {"crossOriginIsolated": False, "sent": "used", "received": "DataCloneError"}),
        ("shared", {}, {"crossOriginIsolated": True, "sent": "messageerror"}),
        ("shared", {"bare": True}, {"loaded": True, "crossOriginIsolated": False, "received": "DataCloneError"}),
        ("service", {}, {"crossOriginIsolated": None, "wait": "TypeError", "sent": "messageerror"}),
    ],
)
def test_under_the_pair(kind: str, more: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = required("isolated", kind, **more)
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("kind", "more", "wanted"),
    [
        ("document", {}, "bytes"),
        ("frame", {}, "bytes"),
        ("frame", {"origin": "same-site", "corp": "cross-origin", "allow": ALLOW}, "SecurityError"),
        ("popup", {"origin": "cross-site"}, "bytes"),
        ("shared", {}, "bytes"),
        ("worker", {}, "SecurityError"),
        ("frame", {"allow": f"{ALLOW} 'none'"}, None),
    ],
)
def test_memory_is_measured_by_documents_of_the_pages_own_origin(kind: str, more: dict[str, Any], wanted: Any) -> None:
    """And nowhere without the capability."""
    found = required("isolated", kind, **more)
    assert (found.get("measuredMemory"), found.get("measureMemory")) == (wanted, False if wanted is None else None)


@pytest.mark.parametrize("more", [{}, {"bare": True}, {"origin": "cross-site"}])
def test_without_headers_everything_loads_and_nothing_is_isolated(more: dict[str, Any]) -> None:
    for kind in ("document", "frame", "worker", "shared"):
        found = required("none", kind, **more)
        assert (found["loaded"], found["crossOriginIsolated"], found["sent"]) == (True, False, "DataCloneError")


def test_a_service_worker_is_for_secure_contexts_and_a_shared_one_isolated_by_coep_alone() -> None:
    assert required("insecure", "service") == {"loaded": False}
    assert required("coep-only", "shared")["crossOriginIsolated"] is True
    assert required("coop-only", "shared")["crossOriginIsolated"] is False


def test_headers_that_a_service_worker_adds_do_not_reach_another_origin() -> None:
    assert required("service-worker", "frame")["crossOriginIsolated"] is True
    assert required("service-worker", "frame", origin="cross-site", corp="cross-origin") == {"loaded": False}


@pytest.mark.parametrize(
    ("page", "popup", "origin", "kept"),
    [
        ({}, {}, "cross-site", True),
        ({"coop": "same-origin"}, {"coop": "same-origin"}, "same-origin", True),
        ({"coop": "same-origin"}, {"coop": "same-origin"}, "same-site", False),
        ({"coop": "same-origin"}, {}, "same-origin", False),
        ({"coop": "same-origin-allow-popups"}, {}, "cross-site", True),
        ({"coop": "same-origin-allow-popups"}, {"coop": "same-origin"}, "same-origin", False),
        ({"coop": "noopener-allow-popups"}, {"coop": "noopener-allow-popups"}, "same-origin", False),
        ({}, {"coop": "same-origin"}, "same-origin", False),
    ],
)
def test_an_opener_is_kept_where_both_opener_policies_match(
    page: dict[str, str], popup: dict[str, str], origin: str, kept: bool
) -> None:
    values = [given.get("coop", "unsafe-none") for given in (page, popup)]
    assert switches(*values, same_origin=origin == "same-origin") is not kept


def test_a_profile_of_the_users_own_needs_no_table() -> None:
    headers = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "credentialless"}
    mine = parse({"name": "mine", "why": "Ours.", "headers": {"document": headers}})
    assert required(mine, "document")["crossOriginIsolated"] is True
    assert required(mine, "worker") == {"loaded": False}
    assert place_of({"kind": "frame"}, mine).capable
