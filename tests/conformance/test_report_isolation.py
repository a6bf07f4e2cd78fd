"""The isolation of the report: which browsers and profiles there are, what works in each, and the headers to copy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.select import Select

from conformance.report import render
from conformance.report.isolation import Cell, profiles, table
from conformance.store import Record
from runners.browser.chromium import CHROMIUM
from runners.browser.driver import end, start_here
from tests.conformance.report_sample import NASTY, RUN, record
from tests.conformance.test_report_html import CONTRAST
from tests.conftest import ready

SOURCE = "https://html.spec.whatwg.org/multipage/browsers.html#coep"
DEPARTURE = {"fact": "wait", "seen": NASTY.replace("\ud800", ""), "required": "timed-out", "source": SOURCE}
LOADS = {
    "facts": {"no-cors": "blocked", "no-cors: cookies": None, "no-cors, corp: cross-origin": "loaded"},
    "lacks": {"no-cors": ["Cross-Origin-Resource-Policy: cross-origin"]},
}


def context(name: str, target: str, *causes: str, departs: bool = False, **more: Any) -> Record:
    """What a probe of contexts found."""
    facts = {"loaded": True, "crossOriginIsolated": not causes, "sent": "used", "resolution": 5.1}
    detail = {"facts": facts, "threads_work": not causes, "causes": list(causes)}
    if not departs:
        return record(f"isolation/{name}", target, "pass", detail=detail, **more)
    return record(f"isolation/{name}", target, "fail", detail={**detail, "departures": [DEPARTURE]}, **more)


ISOLATION = (
    context("document", "chromium+none", "isolation/coop-missing", "isolation/coep-missing"),
    context("document", "chromium+isolated"),
    context("worker", "chromium+isolated", departs=True, expected=True, reason="known"),
    record("isolation/load-image-cross-site", "chromium+isolated", "pass", detail=LOADS),
    context("document", "firefox+isolated", departs=True, expected=False, reason="otherwise"),
    record("isolation/document", "firefox+none", "crash", cause="crash/signal"),
    context("document", "firefox+mine", "isolation/coop-wrong"),
)
TARGETS = tuple(dict.fromkeys(one.target for one in ISOLATION))
ASKED = replace(RUN, records=ISOLATION, columns=TARGETS, plan=tuple(one.id for one in ISOLATION))


def test_a_row_for_each_profile_and_a_column_for_each_browser() -> None:
    """Red is what is unexpected, green where threads work; where nobody answered there is nothing."""
    browsers, rows = table(ISOLATION)
    assert browsers == ["chromium", "firefox"]
    assert {row.profile: row.cells for row in rows} == {
        "none": [
            Cell("chromium+none", "blocked", "⊘", "coop-missing, coep-missing", "threads in 0 of 1 contexts"),
            None,
        ],
        "isolated": [
            Cell(
                "chromium+isolated",
                "pass",
                "✓",
                "threads",
                "threads in 2 of 2 contexts; 1 of 2 loads; departs from the standards in 1 of 3 cases",
            ),
            Cell(
                "firefox+isolated",
                "unexpected",
                "✓",
                "threads",
                "threads in 1 of 1 contexts; departs from the standards in 1 of 1 cases",
            ),
        ],
        "mine": [None, Cell("firefox+mine", "blocked", "⊘", "coop-wrong", "threads in 0 of 1 contexts")],
    }


def test_a_page_whose_workers_are_refused_has_no_threads() -> None:
    """Isolated as it is: who needs threads needs a worker, too."""
    target, cause = "chromium+worker-without-coep", "worker-script-without-coep"
    _, (row,) = table([context("document", target), context("worker", target, f"isolation/{cause}")])
    assert row.cells == [Cell(target, "blocked", "⊘", cause, "threads in 1 of 2 contexts")]


def test_a_run_without_a_page_has_no_table() -> None:
    """Nor a heading."""
    assert table(RUN.records) == ([], [])
    assert 'id="isolation"' not in render(RUN, "html")


def test_headers_are_copied_from_the_profiles_that_are_shipped() -> None:
    """For each server that can be told so."""
    found = profiles(table(ISOLATION)[1])
    assert list(found) == ["none", "isolated"]
    assert found["none"]["copy"] == {}
    assert found["isolated"]["copy"]["nginx"]["text"].startswith("add_header Cross-Origin-Opener-Policy")
    assert "Cross-Origin-Embedder-Policy: require-corp" in found["isolated"]["headers"]


# ---- in a browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """The report, in a Chromium of this file."""
    ready("chromium+none")
    scratch = tmp_path_factory.mktemp("chromium")
    (scratch / "page.html").write_text(render(ASKED, "html"), encoding="utf-8")
    started = start_here(CHROMIUM, CHROMIUM.find(), CHROMIUM.options(headed=False, flags=[]), scratch, os.environ)
    try:
        started.driver.get((scratch / "page.html").as_uri())
        yield started.driver
        assert [entry for entry in CHROMIUM.console(started) if entry["level"] == "severe"] == []
    finally:
        end(started)


pytestmark = pytest.mark.xdist_group("chromium+none")


def chosen(page: WebDriver, target: str) -> str:
    """The text of the dialog."""
    page.execute_script("document.querySelector('dialog').close()")
    page.find_element(By.CSS_SELECTOR, f"[data-isolation='{target}']").click()
    return page.find_element(By.TAG_NAME, "dialog").text


def test_a_cell_is_told_to_who_cannot_see_it(page: WebDriver) -> None:
    """Browser, profile, what works, and how much."""
    page.execute_script("document.querySelector('dialog').close()")
    button = page.find_element(By.CSS_SELECTOR, "[data-isolation='chromium+none']")
    assert button.accessible_name == "chromium+none: coop-missing, coep-missing; threads in 0 of 1 contexts"


def test_a_cell_shows_contexts_loads_and_departures(page: WebDriver) -> None:
    """As they were found; and the command that asks again."""
    text = chosen(page, "chromium+isolated")
    assert "wasm-matrix run --target chromium+isolated --case 'isolation/*'" in text
    rows = [row.text for row in page.find_elements(By.CSS_SELECTOR, "dialog tbody tr")]
    assert rows[0].startswith("document ✓ ✓ ✓ used")
    assert "5.1 µs" in rows[0]
    assert rows[2] == "load-image-cross-site 1 1 no-cors (Cross-Origin-Resource-Policy: cross-origin)"
    assert page.find_element(By.CSS_SELECTOR, "dialog li a").get_attribute("href") == SOURCE
    assert not page.find_elements(By.CSS_SELECTOR, "dialog li script")
    assert "coop-missing, coep-missing" in chosen(page, "chromium+none")


def test_it_is_read_by_keyboard_alone(page: WebDriver) -> None:
    """Open, each table that is wider than the screen, the headers of another server, and back to where one was."""
    page.execute_script("document.querySelector('dialog').close()")
    button = page.find_element(By.CSS_SELECTOR, "[data-isolation='chromium+isolated']")
    button.send_keys(Keys.ENTER)
    assert page.find_element(By.TAG_NAME, "dialog").accessible_name == "chromium+isolated"
    reached = []
    for _ in range(8):
        page.switch_to.active_element.send_keys(Keys.TAB)
        focused = page.switch_to.active_element
        reached.append((focused.aria_role, focused.accessible_name))
        if focused.tag_name == "select":
            focused.send_keys("Caddy")
    for wanted in (("region", "Contexts"), ("region", "What the page may load"), ("link", SOURCE)):
        assert wanted in reached
    assert "header {" in page.find_element(By.TAG_NAME, "dialog").text
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not page.find_element(By.TAG_NAME, "dialog").get_property("open")
    assert page.switch_to.active_element == button


def test_the_headers_are_copied_for_the_server_that_is_chosen(page: WebDriver) -> None:
    """And not offered where there are none."""
    chosen(page, "chromium+isolated")
    Select(page.find_element(By.CSS_SELECTOR, "dialog select")).select_by_visible_text("Caddy")
    shown = [pre.text for pre in page.find_elements(By.CSS_SELECTOR, "dialog pre")]
    assert shown[0] == "Cross-Origin-Opener-Policy: same-origin\nCross-Origin-Embedder-Policy: require-corp"
    assert shown[1].startswith("header {")
    assert page.find_element(By.CSS_SELECTOR, "dialog select").accessible_name.startswith("As it is written for")
    chosen(page, "firefox+mine")
    assert not page.find_elements(By.CSS_SELECTOR, "dialog select")


@pytest.mark.parametrize("width", [360, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_on_a_phone_and_a_desk_by_day_and_night(page: WebDriver, scheme: str, width: int) -> None:
    """No page wider than the screen, no text of less contrast than 4.5."""
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    chosen(page, "chromium+isolated")
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    ratios: list[list[Any]] = page.execute_script(CONTRAST)
    assert len(ratios) > 20
    assert [entry for entry in ratios if entry[0] < 4.5] == []
