"""Chromium, and what is made of it: Chrome, Edge."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chromium.options import ChromiumOptions
from selenium.webdriver.chromium.service import ChromiumService
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.common.service import Service

from runners.browser.product import Installed, Missing, Started, discovered, last_lines, program
from runners.javascript.v8 import NAMES

__all__ = ["CHROME", "CHROMIUM", "EDGE"]

# Not --remote-debugging-pipe: with it, the driver takes a minute to see that a browser has failed to start.
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",  # containers give it 64 MB
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    # performance.measureUserAgentSpecificMemory at once, and not with some collection of the next 20 s.
    "--enable-blink-features=ForceEagerMeasureMemory",
    "--no-first-run",
)
_NOISE = re.compile(
    r"^\[\d+\.\d+\]|^\s|^}|^$"  # the driver's own, which logs each command over many lines
    r"|:(INFO|WARNING|VERBOSE\d*):|^DevTools listening|dbus|unexpected operator"
)


@dataclass(frozen=True)
class _Chromium:
    """`browsers` and `drivers` are the names of the programs; `packages` is what Debian calls the two.

    `selenium` is Selenium's name of it, where it is looked for in its installer's places, too.
    """

    name: str
    title: str
    browsers: Sequence[str]
    drivers: Sequence[str]
    packages: Sequence[str] = ()
    selenium: str | None = None
    make_options: type[ChromiumOptions] = webdriver.ChromeOptions
    make_service: type[ChromiumService] = webdriver.ChromeService
    ends_workers = True
    needs_display = False
    profile_name = "chromium"

    @property
    def package(self) -> str | None:
        return self.packages[0] if self.packages else None

    def find(self) -> Installed:
        variables = f"WASM_MATRIX_{self.name.upper()}", f"WASM_MATRIX_{self.drivers[0].upper()}"
        browser, driver = program(variables[0], self.browsers), program(variables[1], self.drivers)
        if self.selenium and not (browser and driver):
            there = discovered(self.selenium)
            # Selenium takes a Chromium on PATH for Chrome.
            browser = browser or (there[0] if there[0] and "chromium" not in there[0].name else None)
            driver = driver or there[1]
        if browser and driver:
            return Installed(browser, driver)
        names = self.packages or (self.title, self.drivers[0])
        absent = [name for name, path in zip(names, (browser, driver), strict=True) if path is None]
        how = " (on Debian by apt-get)" if self.packages else ""
        raise Missing(
            f"{self.title} is not complete here: install {' and '.join(absent)}{how},"
            f" or name the programs in {' and '.join(variables)}",
            absent if self.packages else (),
        )

    def switches(self) -> tuple[Sequence[str], Mapping[str, str]]:
        # V8 in Chromium takes no notice of a flag that it does not know, such as those of 15.6 before that.
        flags = {feature: f"--wasm-{name}" for feature, name in NAMES.items()}
        return [f"--js-flags={','.join(flags.values())}"], {name: f"--js-flags={flag}" for name, flag in flags.items()}

    def options(self, *, headed: bool, flags: Sequence[str]) -> ArgOptions:
        options = self.make_options()
        for flag in (*_FLAGS, *flags, *([] if headed else ["--headless"])):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        return options

    def settled(self, options: ArgOptions, installed: Installed, log: Path) -> ArgOptions:
        assert isinstance(options, ChromiumOptions)
        options.binary_location = str(installed.browser)
        options.add_argument(f"--user-data-dir={log.parent / 'p'}")
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium refuses to run as root with it
        return options

    def service(self, installed: Installed, environment: Mapping[str, str], log: Path) -> Service:
        return self.make_service(executable_path=str(installed.driver), env=environment, log_output=str(log))

    def console(self, started: Started) -> list[dict[str, str]]:
        # Not by BiDi's log and network events: they would cost each script 0.7 ms and each start 2 s. The driver's log
        # has no usable times (a worker's message gets that of this call): what earlier scripts printed is here, too.
        entries = started.driver.execute("getLog", {"type": "browser"})["value"]
        return [{"level": e["level"].lower(), "source": e["source"], "text": e["message"]} for e in entries]

    def last_words(self, log: Path) -> str:
        return last_lines(log, _NOISE)


CHROMIUM = _Chromium(
    "chromium",
    "Chromium",
    ("chromium", "chromium-browser"),
    ("chromedriver",),
    packages=("chromium", "chromium-driver"),
)
CHROME = _Chromium(
    "chrome",
    "Chrome",
    ("google-chrome", "google-chrome-stable"),
    ("chromedriver",),
    selenium="chrome",
)
EDGE = _Chromium(
    "edge",
    "Edge",
    ("microsoft-edge", "microsoft-edge-stable"),
    ("msedgedriver",),
    selenium="edge",
    make_options=webdriver.EdgeOptions,
    make_service=webdriver.EdgeService,
)
