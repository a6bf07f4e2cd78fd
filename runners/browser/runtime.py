"""Browsers as the suite provides them: the machine's own, by apt where we may; a target for each profile of headers."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Mapping
from typing import ClassVar

from runners.browser.chromium import CHROMIUM as CHROMIUM_PRODUCT
from runners.browser.product import Missing, Product
from runners.javascript.packages import PACKAGES
from runners.provision import execute, locked
from runners.runtime import InstallError, Log, Source, State, Target
from runners.switches import Switch

__all__ = ["CHROMIUM"]


class _Browser:
    versions: ClassVar[Mapping[str, str]] = {}  # the machine's own
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = True
    death_signal = signal.SIGTERM  # its runner takes the browser along

    def __init__(self, product: Product) -> None:
        self.name, self._product = product.name, product
        self.sources = (Source("apt", product.packages[0]),)

    def state(self, target: Target) -> State:  # noqa: ARG002 (the same for every profile)
        """Installable where this user may ask apt for it."""
        absent = None
        try:
            found = self._product.find()
        except Missing as error:
            absent = str(error)
            if not _may_install():
                return State("missing", absent)
        if needs := PACKAGES.needs():
            return State("missing", needs)
        if absent:
            return State("installable", f"apt-get install {' '.join(self._product.packages)}")
        if not PACKAGES.ready:
            return State("installable", "install the npm packages of the page that runs modules in a browser")
        return State("ready", f"{found.browser}, driven by {found.driver}")

    def install(self, target: Target, log: Log) -> None:
        with locked("apt"):
            if "apt-get" in self.state(target).say:
                quiet = {"DEBIAN_FRONTEND": "noninteractive"}
                execute(["apt-get", "update", "-q"], log, environment=quiet)
                packages = self._product.packages
                execute(["apt-get", "install", "-qy", "--no-install-recommends", *packages], log, environment=quiet)
        PACKAGES.install(log)
        if (state := self.state(target)).kind != "ready":
            raise InstallError(f"{target.name} is installed and still not ready: {state.say}")

    def switches(self, target: Target) -> dict[str, Switch]:
        """All in one command: a browser takes seconds to start."""
        given, flags = self._product.switches()
        command = [*self.command(target), *(f"--flag={flag}" for flag in given)]
        return {feature: Switch(flag, command) for feature, flag in flags.items()}

    def defaults(self, target: Target) -> None:  # noqa: ARG002 (it runs as it comes)
        return None

    def command(self, target: Target) -> list[str]:
        return [
            sys.executable, "-m", "runners.browser", "--browser", self.name,
            "--profile", target.own_profile or target.profile or "none",
            "--packages", str(PACKAGES.modules),  # in a session HOME is not the user's: it cannot find them
        ]  # fmt: skip


def _may_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


CHROMIUM = _Browser(CHROMIUM_PRODUCT)
