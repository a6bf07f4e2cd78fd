"""Safari, on macOS, by its own safaridriver, which has one session at a time and shows its window."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.common.service import Service

from runners.browser.product import Installed, Missing, Started, last_lines, program

__all__ = ["SAFARI"]

_APPLICATION = "/Applications/Safari.app/Contents/MacOS/Safari"
_NOISE = re.compile(r"^$")


class _Safari:
    name = "safari"
    profile_name = "safari"
    package = None
    ends_workers = False  # as WebKitGTK
    needs_display = False

    def find(self) -> Installed:
        browser = program("WASM_MATRIX_SAFARI", (_APPLICATION,))
        driver = program("WASM_MATRIX_SAFARIDRIVER", ("safaridriver",))
        if browser and driver:
            return Installed(browser, driver)
        raise Missing("Safari is a part of macOS alone; `safaridriver --enable`, once, lets itself be driven there")

    def switches(self) -> tuple[Sequence[str], Mapping[str, str]]:
        return [], {}

    def options(self, *, headed: bool, flags: Sequence[str]) -> ArgOptions:  # noqa: ARG002 (it has neither)
        return webdriver.SafariOptions()

    def settled(self, options: ArgOptions, installed: Installed, log: Path) -> ArgOptions:  # noqa: ARG002
        return options  # a session of its driver is a private window, which keeps nothing

    def service(self, installed: Installed, environment: Mapping[str, str], log: Path) -> Service:  # noqa: ARG002
        return webdriver.SafariService(str(installed.driver), env=environment)

    def console(self, started: Started) -> list[dict[str, str]]:  # noqa: ARG002
        return []  # its driver does not tell

    def last_words(self, log: Path) -> str:
        return last_lines(log, _NOISE)


SAFARI = _Safari()
