"""Makes the README's pictures out of an HTML report: `python docs/screenshot.py REPORT.html`."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from runners.browser.chromium import CHROMIUM

WIDTH, HEIGHT = 1400, 1400  # CSS pixels, as the window has them: the whole grid with its groups closed
COLOURS = 64  # of the picture's palette: flat colours and the edges of letters need no more


def main(report: Path) -> None:
    """Writes matrix-light.png and matrix-dark.png beside this file: the top of the report, in both colour schemes."""
    with tempfile.TemporaryDirectory() as scratch:
        started = CHROMIUM.start(CHROMIUM.find(), Path(scratch), headed=False)
        try:
            started.driver.set_window_size(WIDTH, HEIGHT)
            started.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
            for scheme in ("light", "dark"):
                media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
                started.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
                started.driver.get(report.resolve().as_uri())
                picture = Image.open(io.BytesIO(started.driver.get_screenshot_as_png())).convert("RGB")
                small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
                small.save(Path(__file__).with_name(f"matrix-{scheme}.png"), optimize=True)
        finally:
            started.driver.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
