"""Chromium, and what is made of it (Chrome)."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service

from runners.browser.product import Installed, Missing, Started, StartError, driver_environment
from runners.javascript.v8 import NAMES

__all__ = ["CHROMIUM"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_DRIVERS = ("chromedriver",)
# Not --remote-debugging-pipe: with it, the driver takes a minute to see that a browser has failed to start.
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",  # containers give it 64 MB
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_NOISE = re.compile(
    r"^\[\d+\.\d+\]|^\s|^}|^$"  # the driver's own, which logs each command over many lines
    r"|:(INFO|WARNING|VERBOSE\d*):|^DevTools listening|dbus|unexpected operator"
)
_LINES = 8


class _Chromium:
    name = "chromium"
    packages: Sequence[str] = ("chromium", "chromium-driver")

    def find(self) -> Installed:
        browser = _program("WASM_MATRIX_CHROMIUM", _BROWSERS)
        driver = _program("WASM_MATRIX_CHROMEDRIVER", _DRIVERS)
        absent = [package for package, path in zip(self.packages, (browser, driver), strict=True) if path is None]
        if browser is None or driver is None:
            raise Missing(
                f"Chromium is not complete here: install {' and '.join(absent)} (on Debian by apt-get),"
                " or name the programs in WASM_MATRIX_CHROMIUM and WASM_MATRIX_CHROMEDRIVER"
            )
        return Installed(browser, driver)

    def switches(self) -> tuple[Sequence[str], Mapping[str, str]]:
        # V8 in Chromium takes no notice of a flag that it does not know, such as those of 15.6 before that.
        flags = {feature: f"--wasm-{name}" for feature, name in NAMES.items()}
        return [f"--js-flags={','.join(flags.values())}"], {name: f"--js-flags={flag}" for name, flag in flags.items()}

    def start(self, installed: Installed, scratch: Path, *, headed: bool, flags: Sequence[str] = ()) -> Started:
        options = webdriver.ChromeOptions()
        options.accept_insecure_certs = True  # of the server that the runner itself is: it makes one at start
        options.binary_location = str(installed.browser)
        for flag in (*_FLAGS, *flags):
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={scratch / 'p'}")
        if not headed:
            options.add_argument("--headless")
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium refuses to run as root with it
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        log = scratch / "driver.log"
        service = Service(str(installed.driver), env=driver_environment(scratch), log_output=str(log))
        try:
            driver = webdriver.Chrome(options=options, service=service)
        except WebDriverException as error:
            raise StartError(f"{(error.msg or str(error)).splitlines()[0]}\n{_last_words(log)}".strip()) from error
        capabilities = driver.capabilities
        pids = [service.process.pid] if service.process else []
        pids.append(int(capabilities["goog:processID"]))
        return Started(driver, str(capabilities["browserVersion"]), pids, log)

    def console(self, started: Started) -> list[dict[str, str]]:
        # Not by BiDi's log and network events: they would cost each script 0.7 ms and each start 2 s. The driver's log
        # has no usable times (a worker's message gets that of this call): what earlier scripts printed is here, too.
        entries = started.driver.get_log("browser")  # type: ignore[attr-defined]  # absent from the base class
        return [{"level": e["level"].lower(), "source": e["source"], "text": e["message"]} for e in entries]

    def last_words(self, started: Started) -> str:
        return _last_words(started.log)


def _program(variable: str, names: tuple[str, ...]) -> Path | None:
    named = os.environ.get(variable)
    found = (shutil.which(name) for name in ([named] if named else names))
    return next((Path(path).absolute() for path in found if path), None)


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join([line for line in lines if not _NOISE.search(line)][-_LINES:])


CHROMIUM = _Chromium()
