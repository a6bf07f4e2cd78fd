"""Browsers as the suite provides them: the machine's own, by apt where we may; a target for each profile of headers."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from headers_server.profiles import read
from runners import apt
from runners.browser import grid
from runners.browser.product import Missing, Product
from runners.browser.products import PRODUCTS
from runners.javascript.packages import PACKAGES
from runners.runtime import InstallError, Log, Source, State, Target
from runners.switches import Switch

__all__ = ["BROWSERS"]

_ISOLATED = "isolated"


class _Browser:
    versions: ClassVar[Mapping[str, str]] = {}  # the machine's own
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = True
    death_signal = signal.SIGTERM  # its runner takes the browser along

    def __init__(self, product: Product) -> None:
        self.name, self._product = product.name, product
        self.sources = (Source("apt", product.package),) if product.package else ()

    def state(self, target: Target) -> State:
        """Installable where this user may ask apt for it, and can build the driver that Debian lacks."""
        profile = read(target.own_profile or target.profile or "none")
        if why := profile.cannot.get(self._product.profile_name):
            return State("unsupported", why)
        if url := os.environ.get(grid.URL):
            return self._state_on(url)
        plan, minutes = [], 0
        try:
            found = self._product.find()
        except Missing as missing:
            if not _can_bring(missing):
                return State("missing", str(missing))
            plan = [f"apt-get install {' '.join(missing.packages)}"] if missing.packages else []
            plan += [missing.build.plan] if missing.build else []
            minutes = missing.build.minutes if missing.build else 0
        if needs := PACKAGES.needs():
            return State("missing", needs)
        if plan:
            return State("installable", "; ".join(plan), minutes=minutes)
        if not PACKAGES.ready:
            return State("installable", "install the npm packages of the page that runs modules in a browser")
        return State("ready", f"{found.browser}, driven by {found.driver}")

    def _state_on(self, url: str) -> State:
        wanted = self._product.options(headed=False, flags=[]).capabilities["browserName"]
        try:
            offered = grid.browsers_of(url)
        except grid.GridError as error:
            return State("missing", str(error))
        if wanted not in offered:
            return State("missing", f"the Selenium Grid at {url} has {', '.join(sorted(offered))}, and no {wanted}")
        if not PACKAGES.ready:
            return State("missing", "the npm packages of the page are not here: run `wasm-matrix setup chromium`")
        return State("ready", f"{wanted} of the Selenium Grid at {url}")

    def install(self, target: Target, log: Log) -> None:
        if packages := self._absent().packages:
            apt.install(packages, log)
        if build := self._absent().build:
            build.install(log)
        PACKAGES.install(log)
        if (state := self.state(target)).kind != "ready":
            raise InstallError(f"{target.name} is installed and still not ready: {state.say}")

    def _absent(self) -> Missing:
        try:
            self._product.find()
        except Missing as missing:
            return missing
        return Missing("nothing")

    def switches(self, target: Target) -> dict[str, Switch]:
        """All in one command, and the same under each profile: a browser takes seconds to start."""
        given, flags = self._product.switches()
        isolated = replace(target, profile=_ISOLATED, own_profile=None)
        command = [*self.command(isolated), *(f"--flag={flag}" for flag in given)]
        return {feature: Switch(flag, command) for feature, flag in flags.items()}

    def defaults(self, target: Target) -> None:  # noqa: ARG002 (it runs as it comes)
        return None

    def command(self, target: Target) -> list[str]:
        return [
            sys.executable, "-m", "runners.browser", "--browser", self.name,
            "--profile", target.own_profile or target.profile or "none",
            # In a session HOME is not the user's: what lies below it could not be found there.
            "--packages", str(PACKAGES.modules), *self._programs(),
            *_given("--grid", grid.URL), *_given("--announce", grid.ADDRESS),
        ]  # fmt: skip

    def _programs(self) -> list[str]:
        if grid.URL in os.environ:
            return []
        try:
            found = self._product.find()
        except Missing:
            return []  # the runner will say it
        return ["--program", str(found.browser), "--driver", str(found.driver)]


def _given(option: str, variable: str) -> list[str]:
    return [option, os.environ[variable]] if variable in os.environ else []


def _can_bring(missing: Missing) -> bool:
    """Whether setup can bring all that is absent."""
    if missing.packages and not apt.may_install():
        return False
    if missing.build and missing.build.needs():
        return False
    return bool(missing.packages or missing.build)


BROWSERS = tuple(_Browser(product) for product in PRODUCTS.values())
