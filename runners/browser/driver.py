"""Starting a browser: a driver of this machine, or a Selenium Grid, is asked for a session."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import psutil
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.options import ArgOptions
from urllib3.exceptions import HTTPError

from runners.browser.product import Installed, Product, Started, StartError, Told

__all__ = ["end", "start_here", "start_there"]


def start_here(
    product: Product, installed: Installed, options: ArgOptions, scratch: Path, environment: Mapping[str, str]
) -> Started:
    """A fresh session that keeps everything in `scratch` (deleted after). Takes seconds. Raises StartError."""
    log = scratch / "driver.log"
    settled = product.settled(options, installed, log)
    service = product.service(installed, environment, log)
    try:
        service.start()
        driver = _session(service.service_url, settled)
    except (WebDriverException, HTTPError, OSError) as error:
        raise StartError(f"{_line(error)}\n{product.last_words(log)}".strip()) from error
    pid = service.process.pid
    return Started(driver, _version(driver), [pid, *_first_child(pid)], Told(log), service)


def start_there(url: str, options: ArgOptions) -> Started:
    """A session of a Grid's. Raises StartError."""
    try:
        driver = _session(url, options)
    except (WebDriverException, HTTPError, OSError) as error:
        raise StartError(f"the grid at {url}: {_line(error)}") from error
    return Started(driver, _version(driver))


def end(started: Started) -> None:
    """Browser and driver, in their own way; WebKit's driver goes with its session, at times before it has answered."""
    with contextlib.suppress(WebDriverException, HTTPError, OSError):
        started.driver.quit()
    if started.service:
        with contextlib.suppress(OSError):
            started.service.stop()


def _session(url: str, options: ArgOptions) -> webdriver.Remote:
    options.accept_insecure_certs = True  # of our own server, which makes one at start
    return webdriver.Remote(url, options=options)


def _version(driver: webdriver.Remote) -> str:
    return str(driver.capabilities["browserVersion"])


def _line(error: Exception) -> str:
    message = error.msg if isinstance(error, WebDriverException) and error.msg else str(error)
    return message.splitlines()[0] if message else type(error).__name__


def _first_child(driver: int) -> list[int]:
    """The process that a driver started: the browser's main one; none where it has gone already."""
    with contextlib.suppress(psutil.Error):
        return [child.pid for child in psutil.Process(driver).children() if child.status() != psutil.STATUS_ZOMBIE][:1]
    return []
