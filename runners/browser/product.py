"""What the runner must know of a browser. A product is one file that declares itself; `products.py` lists them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from selenium.webdriver.remote.webdriver import WebDriver

__all__ = ["OFFLINE", "Installed", "Missing", "Product", "StartError", "Started", "driver_environment"]

OFFLINE = {"SE_OFFLINE": "true", "SE_AVOID_STATS": "true", "SE_AVOID_BROWSER_DOWNLOAD": "true"}
"""Selenium neither asks the network for drivers and browsers nor tells anybody about its use."""


class Missing(Exception):
    """The browser or its driver is not on this machine. One line that says what to install."""


class StartError(Exception):
    """It is here but does not start. The message says why, as far as browser and driver told."""


@dataclass(frozen=True)
class Installed:
    """The programs of a browser."""

    browser: Path
    driver: Path


@dataclass(frozen=True)
class Started:
    """A running browser. `pids` are its driver and its main process: when one of them ends, all is over."""

    driver: WebDriver
    version: str
    pids: Sequence[int]
    log: Path


class Product(Protocol):
    """A browser."""

    name: str
    packages: Sequence[str]
    """What Debian calls it."""

    def find(self) -> Installed:
        """Raises Missing."""
        ...

    def start(self, installed: Installed, scratch: Path, *, headed: bool, flags: Sequence[str] = ()) -> Started:
        """A fresh session that keeps everything in `scratch` (deleted after). Takes seconds. Raises StartError.

        `flags` are further ones of the browser's command line.
        """
        ...

    def switches(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """The flags that turn on all that is off by default and can be had, and which of them is whose, by feature."""
        ...

    def console(self, started: Started) -> list[dict[str, str]]:
        """What the console got and which requests of the page failed since the last call: `level`, `source`, `text`."""
        ...

    def last_words(self, started: Started) -> str:
        """The end of what the browser and its driver wrote, without what they always write: evidence of a crash."""
        ...


def driver_environment(scratch: Path) -> dict[str, str]:
    """The environment of a driver and its browser: their temporary files are in `scratch`, too."""
    return {**os.environ, "TMPDIR": str(scratch)}
