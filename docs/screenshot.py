"""Makes the README's pictures: `python docs/screenshot.py matrix REPORT.html`, and `isolation`, of two HTML reports."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from runners.browser.chromium import CHROMIUM
from runners.browser.driver import end, start_here

WIDTH, HEIGHT = 1400, 1400  # CSS pixels, as the window has them: the whole grid with its groups closed
COLOURS = 64  # of the picture's palette: flat colours and the edges of letters need no more


def _isolation(page: WebDriver) -> bytes:
    """The table, which is scrolled to: an element's picture ends where the window does."""
    table = page.find_element(By.CSS_SELECTOR, "[aria-labelledby=isolation]")
    page.execute_script("arguments[0].scrollIntoView()", table)
    return table.screenshot_as_png


PICTURES: dict[str, Callable[[WebDriver], bytes]] = {
    "matrix": WebDriver.get_screenshot_as_png,  # the top of the report
    "isolation": _isolation,
}


def main(name: str, report: Path) -> None:
    """Writes NAME-light.png and NAME-dark.png beside this file, in both colour schemes."""
    with tempfile.TemporaryDirectory() as scratch:
        options = CHROMIUM.options(headed=False, flags=["--hide-scrollbars"])
        started = start_here(CHROMIUM, CHROMIUM.find(), options, Path(scratch), os.environ)
        try:
            started.driver.set_window_size(WIDTH, HEIGHT)
            for scheme in ("light", "dark"):
                media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
                asked = {"cmd": "Emulation.setEmulatedMedia", "params": media}
                started.driver.execute("executeCdpCommand", asked)
                started.driver.get(report.resolve().as_uri())
                picture = Image.open(io.BytesIO(PICTURES[name](started.driver))).convert("RGB")
                small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
                small.save(Path(__file__).with_name(f"{name}-{scheme}.png"), optimize=True)
        finally:
            end(started)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in PICTURES:
        sys.exit(f"usage: python docs/screenshot.py {'|'.join(PICTURES)} REPORT.html")
    main(sys.argv[1], Path(sys.argv[2]))
