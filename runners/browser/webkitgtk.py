"""WebKitGTK's MiniBrowser: the engine of Safari, on Linux, by WebKitWebDriver."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.common.service import Service

from runners.browser.product import Installed, Missing, Started, last_lines, program

__all__ = ["WEBKITGTK"]

_PLACES = ("lib/*/webkit*gtk-*", "libexec/webkit*gtk-*", "lib*/webkit*gtk-*")
_SWITCHES = {"relaxed-simd": "useWasmRelaxedSIMD", "threads": "useSharedArrayBuffer"}
"""JavaScriptCore's options, as JSC_dumpOptions=3 lists them."""
_SHELL = 'env "$@" >> "$0" 2>&1; kill "$PPID"'
_NOISE = re.compile(r"dbus|AT-SPI|dconf|^$|Gtk-|GLib")


class _WebKitGTK:
    name = "webkitgtk"
    profile_name = "webkitgtk"
    package = "webkit2gtk-driver"  # it brings the library, and so MiniBrowser
    ends_workers = False
    needs_display = True

    def find(self) -> Installed:
        browser = program("WASM_MATRIX_MINIBROWSER", ("MiniBrowser", *_libraries()))
        driver = program("WASM_MATRIX_WEBKITWEBDRIVER", ("WebKitWebDriver",))
        packages = [] if browser and driver else [self.package]
        packages += [] if shutil.which("Xvfb") else ["xvfb"]
        if browser is None or driver is None or packages:
            raise Missing(
                f"WebKitGTK is not complete here: install {' and '.join(packages)} (on Debian by apt-get),"
                " or name the programs in WASM_MATRIX_MINIBROWSER and WASM_MATRIX_WEBKITWEBDRIVER",
                packages,
            )
        return Installed(browser, driver)

    def switches(self) -> tuple[Sequence[str], Mapping[str, str]]:
        flags = {feature: f"JSC_{name}=1" for feature, name in _SWITCHES.items()}
        return list(flags.values()), flags

    def options(self, *, headed: bool, flags: Sequence[str]) -> ArgOptions:  # noqa: ARG002 (the display says it)
        """A flag is an argument that begins with a hyphen, or `NAME=VALUE` of the environment (JavaScriptCore's)."""
        options = webdriver.WebKitGTKOptions()
        for argument in ("--automation", *flags):
            options.add_argument(argument)
        return options

    def settled(self, options: ArgOptions, installed: Installed, log: Path) -> ArgOptions:
        """By a shell: the driver gives its browser no standard output, and waits for ever for one that has ended."""
        assert isinstance(options, webdriver.WebKitGTKOptions)
        variables = [argument for argument in options.arguments if not argument.startswith("-")]
        arguments = [argument for argument in options.arguments if argument.startswith("-")]
        settled = webdriver.WebKitGTKOptions()
        settled.binary_location = "/bin/sh"
        for argument in ("-c", _SHELL, str(log), *variables, str(installed.browser), *arguments):
            settled.add_argument(argument)
        return settled

    def service(self, installed: Installed, environment: Mapping[str, str], log: Path) -> Service:
        scratch = environment["TMPDIR"]
        private = {
            "HOME": scratch,
            **dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"), scratch),
            "GDK_BACKEND": "x11",
            "GSETTINGS_BACKEND": "memory",
            "NO_AT_BRIDGE": "1",
            # Its sandbox wants user namespaces, which containers and root have not.
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
        }
        return webdriver.WebKitGTKService(
            str(installed.driver), env={**environment, **private}, log_output=str(log)
        )  # fmt: skip

    def console(self, started: Started) -> list[dict[str, str]]:  # noqa: ARG002
        return []  # in automation MiniBrowser writes none, though it has a switch for it

    def last_words(self, log: Path) -> str:
        return last_lines(log, _NOISE)


def _libraries() -> list[str]:
    """Where distributions put it: beside the library, not on PATH."""
    return [str(path) for place in _PLACES for path in Path("/usr").glob(f"{place}/MiniBrowser")]


WEBKITGTK = _WebKitGTK()
