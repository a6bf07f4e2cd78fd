"""The HTML report in a real Chromium: it loads nothing; works by mouse, keyboard, link, on a phone, light and dark."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from conformance.report import render
from runners.browser.chromium import CHROMIUM
from runners.browser.driver import end, start_here
from runners.browser.product import Started
from tests.conformance.report_sample import LINK, NASTY, RUN
from tests.conftest import ready

pytestmark = pytest.mark.xdist_group("chromium+none")

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
FAILED = "sha256/empty[go]@wasmtime-50"


# ---- without a browser


class _Loads(HTMLParser):
    """Collects everything that a page would load by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = (
            ("src", "srcset", "data", "action", "poster", "background")
            if tag == "a"
            else ("src", "srcset", "data", "action", "poster", "href")
        )
        self.found += [(tag, value) for name, value in attrs if name in wanted]


def test_the_page_loads_nothing() -> None:
    """No script, style, image or font of its own file's outside."""
    page = render(RUN, "html")
    loads = _Loads()
    loads.feed(page)
    assert loads.found == []
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|import\(", page)


def test_what_a_module_printed_is_never_markup() -> None:
    """Neither in the page nor in the data inside of it."""
    page = render(RUN, "html")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert page.count("<script") == 2
    assert page.count("</script") == 2
    assert 'href="javascript:' not in page


# ---- in a browser


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A Chromium, one for this file."""
    ready("chromium+none")
    scratch = tmp_path_factory.mktemp("chromium")
    (scratch / "page.html").write_text(render(RUN, "html"), encoding="utf-8")
    browser = start_here(CHROMIUM, CHROMIUM.find(), CHROMIUM.options(headed=False, flags=[]), scratch, os.environ)
    try:
        yield browser
    finally:
        end(browser)


@pytest.fixture
def page(started: Started) -> Iterator[WebDriver]:
    """The report, freshly opened; the test fails when the console got an error."""
    driver = started.driver
    _media(driver, "light")
    _width(driver, 1280)
    _open(started)
    yield driver
    assert [entry for entry in CHROMIUM.console(started) if entry["level"] == "severe"] == []


def _folder(started: Started) -> Path:
    assert started.log
    return started.log.path.parent


def _open(started: Started, fragment: str = "") -> None:
    started.driver.get("about:blank")
    started.driver.get((_folder(started) / "page.html").as_uri() + fragment)


def _cdp(driver: WebDriver, command: str, **arguments: Any) -> None:
    driver.execute("executeCdpCommand", {"cmd": command, "params": arguments})


def _width(driver: WebDriver, width: int) -> None:
    _cdp(driver, "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)


def _media(driver: WebDriver, scheme: str) -> None:
    _cdp(driver, "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


def _one(driver: WebDriver, selector: str) -> WebElement:
    return driver.find_element(By.CSS_SELECTOR, selector)


def _cell(driver: WebDriver, name: str) -> WebElement:
    """A cell's button in the grid."""
    (found,) = [
        button for button in driver.find_elements(By.CSS_SELECTOR, "#grid .cell")
        if (button.get_attribute("aria-label") or "").startswith(f"{name}: ")
    ]  # fmt: skip
    return found


def _evidence(driver: WebDriver) -> str:
    """The dialog's text; as JSON on its way, for the driver cannot send half of a surrogate pair."""
    return str(json.loads(driver.execute_script("return JSON.stringify(document.querySelector('dialog').textContent)")))


def _until(driver: WebDriver, holds: Callable[[], object]) -> None:
    """Waits for what the page does in an event of its own, behind the command that caused it."""
    WebDriverWait(driver, 10, poll_frequency=0.05).until(lambda _: holds())


def _rows(driver: WebDriver) -> list[str]:
    return [
        row.text for row in driver.find_elements(By.CSS_SELECTOR, "#grid tbody tr:not(.group) th") if row.is_displayed()
    ]


def test_a_cell_shows_its_evidence_and_its_command(page: WebDriver) -> None:
    """What was expected and seen, as it was printed."""
    _cell(page, FAILED).click()
    assert _one(page, "dialog").get_property("open")
    assert _one(page, "#evidence-id").text == FAILED
    assert "engine/wrong-value: a call returned" in _evidence(page)
    assert "wasm-matrix run --target wasmtime-50 -k 'sha256/empty[go]'" in _evidence(page)
    assert NASTY in _evidence(page)
    assert not page.find_elements(By.CSS_SELECTOR, "dialog script")


def test_a_feature_shows_what_its_probe_said(page: WebDriver) -> None:
    """The engine's words as they came, the flag, the day, and the command that asks again; on hover, the same words."""
    button = _one(page, "[data-feature=gc][data-target='wasmtime-50']")
    assert button.get_attribute("textContent") == "⚑"
    button.click()
    assert _one(page, "#evidence-id").text == "gc on wasmtime-50"
    words = NASTY.partition("\0")[0]  # which no attribute can hold
    for text in (words, "executed with --wasm-gc", "Garbage collection", "3.0", "2026-01-02", "features wasmtime-50"):
        assert text in _evidence(page)
    assert not page.find_elements(By.CSS_SELECTOR, "dialog script")
    assert words in page.execute_script("return arguments[0].title", button)


def test_what_is_flaky_is_told_apart_without_colour(page: WebDriver) -> None:
    """A mark, a letter and stripes of its own, known or not; how many of how many failed, and the interval."""
    found = {name: _cell(page, f"threads/mutex-2[rust]@{name}") for name in ("wasmtime-50", "node-24")}
    assert {cell.text for cell in found.values()} == {"≈"}
    assert all("gradient" in cell.value_of_css_property("background-image") for cell in found.values())
    assert found["wasmtime-50"].get_attribute("class") == "cell unexpected flaky"
    assert found["node-24"].get_attribute("class") == "cell expected flaky"
    assert _one(page, "#grid .count.unexpected.flaky").text == "1K"
    assert "gradient" not in _cell(page, FAILED).value_of_css_property("background-image")
    found["wasmtime-50"].click()
    evidence = _evidence(page)
    assert "flaky 1/3, unexpected" in evidence
    assert "1 of 3 failed; with 95 % confidence 6.15 to 79.2 % of all do; 2 pass, 1 fail engine/wrong-value" in evidence
    assert NASTY in evidence
    assert "--repeat 1000 --until-fail" in evidence


def test_an_expectation_is_told_with_its_link(page: WebDriver) -> None:
    """Only http links can be followed."""
    _cell(page, "sha256/empty[go]@node-24").click()
    assert "fail, as expected" in _evidence(page)
    assert _one(page, "dialog a").get_attribute("href") == LINK
    page.execute_script("document.querySelector('dialog').close()")
    _cell(page, "sha256/empty[rust]@chromium+isolated").click()
    assert "pass, unexpected" in _evidence(page)
    assert not page.find_elements(By.CSS_SELECTOR, "dialog a")


def test_escape_closes_the_dialog_and_gives_the_focus_back(page: WebDriver) -> None:
    """And the address no longer names the cell."""
    cell = _cell(page, FAILED)
    cell.send_keys(Keys.ENTER)
    assert "#cell=" in page.current_url
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    _until(page, lambda: "#" not in page.current_url)
    assert not _one(page, "dialog").get_property("open")
    assert page.switch_to.active_element == cell


def test_a_link_to_a_cell_opens_it(page: WebDriver, started: Started) -> None:
    """As the page itself writes it, as a person would, and when the page is open already."""
    for fragment in (f"#cell={quote(FAILED, safe='')}", f"#cell={FAILED}"):
        _open(started, fragment)
        assert _one(page, "#evidence-id").text == FAILED
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    _until(page, lambda: "#" not in page.current_url)
    page.execute_script("location.hash = 'cell=loading/streaming@chromium+none'")
    _until(page, lambda: _one(page, "#evidence-id").text == "loading/streaming@chromium+none")
    for fragment in ("#cell=none", "#cell=%ff", "#"):
        _open(started, fragment)
        assert not _one(page, "dialog").get_property("open")


def test_the_filter_shows_matching_rows(page: WebDriver) -> None:
    """All words must be in the row; a group without a match goes away; nothing typed: as before."""
    before = _rows(page)
    _one(page, "#filter").send_keys("Rust sha")
    assert _rows(page) == ["empty [rust]"]
    assert [group.text for group in page.find_elements(By.CSS_SELECTOR, "tr.group th") if group.is_displayed()] == [
        "sha256"
    ]
    _one(page, "#filter").send_keys(Keys.CONTROL, "a")
    _one(page, "#filter").send_keys(Keys.BACKSPACE)
    assert _rows(page) == before


def test_a_status_can_be_hidden(page: WebDriver) -> None:
    """By keyboard too; rows that have nothing else go away."""
    box = _one(page, ".tiles input[value=pass]")
    box.send_keys(Keys.SPACE)
    assert not box.is_selected()
    assert not _cell(page, "sha256/empty[rust]@node-24").is_displayed()
    assert _cell(page, FAILED).is_displayed()
    assert "streaming" not in _rows(page)
    box.send_keys(Keys.SPACE)
    assert _cell(page, "sha256/empty[rust]@node-24").is_displayed()


def test_a_tile_is_red_only_for_what_is_unexpected(page: WebDriver, started: Started) -> None:
    """Known failures alone are yellow."""
    assert _one(page, ".tiles label:has([value=fail])").get_attribute("class") == "unexpected"
    assert _one(page, ".tiles label:has([value=missing])").get_attribute("class") == "missing"
    known = replace(RUN, records=tuple(one for one in RUN.records if not one.unexpected))
    (_folder(started) / "known.html").write_text(render(known, "html"), encoding="utf-8")
    page.get((_folder(started) / "known.html").as_uri())
    assert _one(page, ".tiles label:has([value=fail])").get_attribute("class") == "expected"
    assert "Nothing unexpected." in _one(page, "main").text


def test_groups_open_and_close_by_keyboard(page: WebDriver) -> None:
    """Those with something unexpected are open from the start."""
    states = {button.text: button for button in page.find_elements(By.CSS_SELECTOR, "tr.group button")}
    assert {name: button.get_attribute("aria-expanded") for name, button in states.items()} == {
        "sha256": "true", "threads/barrier": "true", "loading": "false", "threads/mutex": "true",
    }  # fmt: skip
    assert "streaming" not in _rows(page)
    states["loading"].send_keys(Keys.ENTER)
    assert states["loading"].get_attribute("aria-expanded") == "true"
    assert "streaming" in _rows(page)
    _one(page, "#all").send_keys(Keys.SPACE)
    _one(page, "#all").send_keys(Keys.SPACE)
    assert _rows(page) == []


def test_no_page_scrolls_sideways_on_a_phone(page: WebDriver) -> None:
    """360 px; the table scrolls within itself, and a dialog fits."""
    _width(page, 360)
    assert page.execute_script("return document.documentElement.scrollWidth") <= 360
    _cell(page, FAILED).click()
    assert page.execute_script("return document.documentElement.scrollWidth") <= 360
    box = page.execute_script(
        "const b = document.querySelector('dialog').getBoundingClientRect(); return [b.left, b.right]"
    )
    assert 0 <= box[0] < box[1] <= 360


def test_every_control_has_a_name(page: WebDriver) -> None:
    """As a screen reader is told it; a cell's says case, target and status."""
    _one(page, "#all").click()
    controls = page.find_elements(By.CSS_SELECTOR, "main button, input, summary, [tabindex]")
    assert len(controls) > 20
    assert [control.get_attribute("outerHTML") for control in controls if not control.accessible_name.strip()] == []
    assert _cell(page, FAILED).accessible_name == f"{FAILED}: fail, engine/wrong-value"
    _cell(page, FAILED).click()  # from here on all but the dialog is inert
    assert _one(page, "dialog").accessible_name == FAILED
    assert _one(page, "dialog button").accessible_name == "Close"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(page: WebDriver, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 and more, computed for each text from the colours as they come out.

    That of a hidden status, too.
    """
    _media(page, scheme)
    page.execute_script("document.querySelector('.tiles input').click()")
    _one(page, "#all").click()
    _cell(page, FAILED).click()
    ratios: list[list[Any]] = page.execute_script(CONTRAST)
    assert len(ratios) > 80
    assert [entry for entry in ratios if entry[0] < 4.5] == []
    dark = page.execute_script("return getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
