"""Probes: what a script asks of the page itself, in the real Chromium; other runners say that they have no page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runners.session import MIB, Session
from runners.targets import session_of
from tests.conftest import ready

pytestmark = pytest.mark.xdist_group("chromium")


@pytest.fixture(scope="module")
def page() -> Iterator[Session]:
    with session_of(ready("chromium+isolated"), 1024 * MIB) as session:
        yield session


def ask(session: Session, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(result) for result in session.run(commands, 20.0).results]


def context(kind: str, within: float = 10.0, **more: Any) -> dict[str, Any]:
    return {"type": "probe", "probe": "contexts", "with": {"kind": kind, **more}, "within": within}


def test_a_script_of_probes_gives_the_facts_of_each(page: Session) -> None:
    document, worker = ask(page, context("document"), context("worker"))
    assert document["facts"]["crossOriginIsolated"] is worker["facts"]["crossOriginIsolated"] is True
    assert (document["facts"]["wait"], worker["facts"]["wait"]) == ("TypeError", "timed-out")
    assert document["seconds"] > 0


@pytest.mark.parametrize(
    ("command", "phase"),
    [
        ({"type": "probe", "probe": "absent"}, "probe"),
        ({"type": "probe", "probe": "../contexts"}, "script"),
        ({"type": "probe"}, "script"),
        ({"type": "pages"}, "script"),
        (context("absent"), "probe"),
    ],
)
def test_what_cannot_be_asked_is_told_and_ends_the_script(page: Session, command: dict[str, Any], phase: str) -> None:
    results = ask(page, context("document"), command, context("document"))
    assert [list(result) for result in results] == [["facts", "seconds"], ["error"]]
    assert results[-1]["error"]["phase"] == phase


def test_what_has_no_answer_in_time_is_a_fact_and_the_page_goes_on(page: Session) -> None:
    (seen,) = ask(page, context("frame", within=0.0))
    assert seen["facts"] == {"loaded": False, "settled": False}
    (seen,) = ask(page, context("frame"))
    assert seen["facts"]["loaded"] is True


def test_a_probe_leaves_no_frame_behind(page: Session) -> None:
    for _ in range(3):
        (seen,) = ask(page, context("frame", origin="cross-site", bare=True))
        assert seen["facts"] == {"loaded": False, "refused": "no word of it"}


@pytest.mark.parametrize("target", ["firefox+isolated", "webkitgtk+isolated"])
def test_a_frame_of_which_the_browser_says_nothing_is_known_to_be_refused(target: str) -> None:
    """Whatever its origin, and without waiting for as long as one may; beside it one that comes is not."""
    frame = {"kind": "frame", "mode": "navigate", "relation": "cross-site"}
    admitted = {"coep": "require-corp", "corp": "cross-origin"}
    each = [{**frame, "name": "refused", "query": {}}, {**frame, "name": "admitted", "query": admitted}]
    with session_of(ready(target), 1024 * MIB) as session:
        for origin in ("same-origin", "same-site", "cross-site"):
            (seen,) = ask(session, context("frame", within=15.0, origin=origin, bare=True))
            assert seen["facts"] == {"loaded": False, "refused": "no word of it"}
        (seen,) = ask(session, {"type": "probe", "probe": "subresources", "with": {"loads": each}, "within": 15.0})
    assert (seen["facts"]["refused"], seen["facts"]["admitted"]) == ("blocked", "loaded")


def loads(**query: str) -> dict[str, Any]:
    """An image of another site and one of the page's own, by these headers."""
    asked = {"kind": "image", "mode": "no-cors", "query": query}
    each = [{**asked, "name": relation, "relation": relation} for relation in ("same-origin", "cross-site")]
    return {"type": "probe", "probe": "subresources", "with": {"loads": each}}


def test_what_a_page_may_load_follows_the_headers(page: Session) -> None:
    bare, allowed = ask(page, loads(), loads(corp="cross-origin"))
    assert (bare["facts"]["same-origin"], bare["facts"]["cross-site"]) == ("loaded", "blocked")
    assert (allowed["facts"]["same-origin"], allowed["facts"]["cross-site"]) == ("loaded", "loaded")
    assert bare["facts"]["same-origin: cookies"] is True
    (late,) = ask(page, {**loads(), "within": 0.0})
    assert late["facts"]["same-origin"] == late["facts"]["cross-site"] == "unsettled"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (context("frame", bare=True), "coep-frame-resource-needs-coep-header"),
        (context("frame", origin="cross-site"), "corp-not-same-origin-after-defaulted-to-same-origin-by-coep"),
        (context("worker", bare=True), "coep-frame-resource-needs-coep-header"),
    ],
)
def test_what_the_browser_blocked_is_told_with_its_reason_and_once(
    page: Session, asked: dict[str, Any], reason: str
) -> None:
    """The page itself hears of no reason."""
    (blocked,) = page.run([asked], 20.0).facts["blocked"]
    assert blocked["reason"] == reason
    assert "/probes/inside." in blocked["url"]
    assert page.run([context("document")], 20.0).facts["blocked"] == []


def test_firefox_tells_in_its_own_words_what_it_blocked() -> None:
    """Its page hears of no reason, its console has none; of a worker without COEP it tells nothing at all."""
    with session_of(ready("firefox+isolated"), 1024 * MIB) as session:
        for asked, error, path in (
            (loads(), "NS_ERROR_DOM_CORP_FAILED", "/probes/resources/image"),
            (context("frame", bare=True), "NS_ERROR_DOM_COEP_FAILED", "/probes/inside.html"),
        ):
            (blocked,) = session.run([asked], 20.0).facts["blocked"]
            assert (blocked["error"], path in blocked["url"]) == (error, True)
        assert session.run([context("worker", bare=True)], 20.0).facts["blocked"] == []
        assert session.run([context("document")], 20.0).facts["blocked"] == []


def test_a_worker_of_a_worker_starts_in_firefox_also_while_bidi_is_connected() -> None:
    """With BiDi's listener to workers 2 to 5 of 100 do not."""
    with session_of(ready("firefox+none"), 1024 * MIB) as session:
        seen = session.run([context("nested", within=5.0)] * 150, 120.0).results
    assert [one["facts"]["loaded"] for one in seen] == [True] * 150


def test_memory_is_measured_where_the_browser_can_and_by_whom_the_specification_lets(page: Session) -> None:
    """Of a dedicated worker its page tells; who is not isolated has no such function."""
    document, worker, denied = ask(
        page, context("document"), context("worker"), context("frame", allow="cross-origin-isolated 'none'")
    )
    assert document["facts"]["measuredMemory"] == "bytes"
    for each in (worker, denied):
        assert each["facts"]["measureMemory"] is False
        assert "measuredMemory" not in each["facts"]


@pytest.mark.parametrize("target", ["wasmtime-50", "node-24"])
def test_a_runner_that_is_no_browser_has_no_page(target: str) -> None:
    with session_of(ready(target), 1024 * MIB) as session:
        (result,) = ask(session, context("document"))
    assert (result["error"]["phase"], result["error"]["name"]) == ("probe", "unsupported")
