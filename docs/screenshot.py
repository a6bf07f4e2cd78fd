"""Makes the README's pictures out of an HTML report: `python docs/screenshot.py REPORT.html`."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path

from PIL import Image

from runners.browser.chromium import CHROMIUM
from runners.browser.driver import end, start_here

WIDTH, HEIGHT = 1400, 1400  # CSS pixels, as the window has them: the whole grid with its groups closed
COLOURS = 64  # of the picture's palette: flat colours and the edges of letters need no more


def main(report: Path) -> None:
    """Writes matrix-light.png and matrix-dark.png beside this file: the top of the report, in both colour schemes."""
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
                picture = Image.open(io.BytesIO(started.driver.get_screenshot_as_png())).convert("RGB")
                small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
                small.save(Path(__file__).with_name(f"matrix-{scheme}.png"), optimize=True)
        finally:
            end(started)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
