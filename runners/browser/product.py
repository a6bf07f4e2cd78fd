"""What the runner must know of a browser. A product is one file that declares itself; `products.py` lists them."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.common.selenium_manager import SeleniumManager
from selenium.webdriver.common.service import Service
from selenium.webdriver.remote.webdriver import WebDriver

from runners.cargo import CargoProgram

__all__ = [
    "OFFLINE", "Installed", "Missing", "Product", "StartError", "Started", "Told", "discovered", "last_lines",
    "program",
]  # fmt: skip

OFFLINE = {"SE_OFFLINE": "true", "SE_AVOID_STATS": "true", "SE_AVOID_BROWSER_DOWNLOAD": "true"}
"""Selenium neither asks the network for drivers and browsers nor tells anybody about its use."""

_LINES = 8


class Missing(Exception):
    """The browser or its driver is not on this machine. One line that says what to install.

    `packages` of Debian, and `build`, bring what is absent; where there are neither, setup cannot.
    """

    def __init__(self, message: str, packages: Sequence[str] = (), build: CargoProgram | None = None) -> None:
        super().__init__(message)
        self.packages, self.build = tuple(packages), build


class StartError(Exception):
    """It is here but does not start. The message says why, as far as browser and driver told."""


class Told:
    """What a log has got since it was last asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0

    def lines(self) -> list[str]:
        """Whole lines alone; the others come the next time."""
        with self.path.open("rb") as log:
            log.seek(self._read)
            whole = log.read().rpartition(b"\n")
        self._read += len(whole[0]) + len(whole[1])
        return whole[0].decode(errors="replace").splitlines()


@dataclass(frozen=True)
class Installed:
    """The programs of a browser."""

    browser: Path
    driver: Path


@dataclass(frozen=True)
class Started:
    """A running browser. `pids` are its driver and its main process: when one of them ends, all is over.

    `log` is what both wrote. Of a browser elsewhere there is nothing of this. `service` must be held: a service that is
    forgotten ends its driver.
    """

    driver: WebDriver
    version: str
    pids: Sequence[int] = ()
    log: Told | None = None
    service: Service | None = None

    @property
    def bidi(self) -> str | None:
        """Where it speaks WebDriver BiDi, if its driver was asked for that: by a Grid, too."""
        return self.driver.capabilities.get("webSocketUrl")

    @property
    def debugger(self) -> str | None:
        """The address at which a browser of this machine speaks the Chrome DevTools Protocol, if it does."""
        said = [value for value in self.driver.capabilities.values() if isinstance(value, dict)]
        address = next((value["debuggerAddress"] for value in said if "debuggerAddress" in value), None)
        return address if self.pids else None


class Product(Protocol):
    """A browser."""

    @property
    def name(self) -> str: ...
    @property
    def package(self) -> str | None:
        """What Debian calls it; None: Debian has it not."""
        ...

    @property
    def profile_name(self) -> str:
        """By which name profiles have something to say of it."""
        ...

    @property
    def needs_display(self) -> bool:
        """It has no headless mode: the runner gives it a display that nobody sees."""
        ...

    @property
    def ends_workers(self) -> bool:
        """Whether what a worker is at ends with it, an endless loop of WebAssembly too; else the browser must end."""
        ...

    def find(self) -> Installed:
        """Raises Missing."""
        ...

    def options(self, *, headed: bool, flags: Sequence[str]) -> ArgOptions:
        """What is asked of its driver, here or elsewhere: nothing of this machine is in it.

        `flags` are further ones of the browser's own, as its page in docs/runtimes says.
        """
        ...

    def settled(self, options: ArgOptions, installed: Installed, log: Path) -> ArgOptions:
        """`options`, with what holds for this machine: the program, and that it keeps all in the folder of `log`."""
        ...

    def service(self, installed: Installed, environment: Mapping[str, str], log: Path) -> Service:
        """The driver, not yet started; browser and driver write to `log`."""
        ...

    def switches(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """The flags that turn on all that is off by default and can be had, and which of them is whose, by feature."""
        ...

    def console(self, started: Started) -> list[dict[str, str]]:
        """What the console got and which requests of the page failed since the last call: `level`, `source`, `text`."""
        ...

    def last_words(self, log: Path) -> str:
        """The end of what the browser and its driver wrote, without what they always write: evidence of a crash."""
        ...


def program(variable: str, names: Sequence[str]) -> Path | None:
    """The first of `names` on PATH, or the one that an environment variable names instead."""
    named = os.environ.get(variable)
    found = (shutil.which(name) for name in ([named] if named else names))
    return next((Path(path).absolute() for path in found if path), None)


def discovered(browser: str) -> tuple[Path | None, Path | None]:
    """Browser and driver as Selenium finds them on this machine, in the places where their installers put them."""
    logging.getLogger(SeleniumManager.__module__).setLevel(logging.ERROR)  # that it may not ask the network, say
    try:
        found = SeleniumManager().binary_paths(["--browser", browser, "--offline", "--avoid-browser-download"])
    except WebDriverException:
        return None, None
    browser_path, driver_path = (
        Path(found[key]) if found.get(key) else None for key in ("browser_path", "driver_path")
    )
    return browser_path, driver_path


def last_lines(log: Path, noise: re.Pattern[str]) -> str:
    """The end of a log without the lines that are noise."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join([line for line in lines if not noise.search(line)][-_LINES:])
