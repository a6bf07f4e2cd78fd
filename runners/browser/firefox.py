"""Firefox, by geckodriver, which Debian has no package of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.common.service import Service

from runners.browser.product import Installed, Missing, Started, last_lines, program
from runners.cargo import CargoProgram

__all__ = ["FIREFOX"]

_DRIVER = CargoProgram("geckodriver", "0.37.1", "geckodriver", minutes=5)
_SWITCHES = {
    "branch-hinting": "wasm_branch_hinting",
    "compact-import-section": "wasm_compact_imports",
    "custom-page-sizes": "wasm_custom_page_sizes",
    "jspi": "wasm_js_promise_integration",
    "relaxed-simd": "wasm_relaxed_simd",
    "stack-switching": "wasm_stack_switching",
    "wide-arithmetic": "wasm_wide_arithmetic",
}
"""Preferences below javascript.options, which `strings` finds in libxul.so."""
# From the first command of WebDriver BiDi on, Firefox listens to all workers, and some that start another hang
# (docs/findings.md). Nothing here needs that listener. It goes with https://bugzilla.mozilla.org/show_bug.cgi?id=1944240.
_UNHEARD = """
  const listener = 'chrome://remote/content/shared/js-process-actors/WebDriverWorkerListenerActor.sys.mjs';
  try {
    ChromeUtils.importESModule(listener).unregisterWebDriverWorkerListenerActor();
  } catch {
    // An older Firefox, or a newer one, has none.
  }
"""
_ERRORS = """
  const errors = Services.console.getMessageArray().filter((one) => one instanceof Ci.nsIScriptError);
  Services.console.reset();
  const own = ({sourceName, innerWindowID}) => innerWindowID !== 0 && !/^(chrome|resource):/.test(sourceName);
  const level = ({flags}) => flags & Ci.nsIScriptError.warningFlag ? 'warning' : 'severe';
  return errors.filter(own).map((one) => ({level: level(one), source: one.category, text: one.errorMessage}));
"""
_CONSOLE = re.compile(r"console\.(\w+): (.*)")
_NOISE = re.compile(r"^\d+\t(geckodriver|mozrunner|Marionette|webdriver)|^\*\*\*|^$|glxtest|dbus|GFX1|WebDriver BiDi")


class _Firefox:
    name = "firefox"
    profile_name = "firefox"
    package = "firefox-esr"
    ends_workers = True
    needs_display = False

    def find(self) -> Installed:
        browser = program("WASM_MATRIX_FIREFOX", ("firefox", "firefox-esr"))
        built = (str(_DRIVER.binary),) if _DRIVER.binary.is_file() else ()
        driver = program("WASM_MATRIX_GECKODRIVER", ("geckodriver", *built))
        if browser and driver:
            return Installed(browser, driver)
        absent = [] if browser else [f"{self.package} (on Debian by apt-get)"]
        if not driver:
            absent.append(f"geckodriver ({_DRIVER.needs() or 'by wasm-matrix setup'})")
        raise Missing(
            f"Firefox is not complete here: install {' and '.join(absent)},"
            " or name the programs in WASM_MATRIX_FIREFOX and WASM_MATRIX_GECKODRIVER",
            [] if browser else [self.package],
            None if driver else _DRIVER,
        )

    def switches(self) -> tuple[Sequence[str], Mapping[str, str]]:
        flags = {feature: f"javascript.options.{name}=true" for feature, name in _SWITCHES.items()}
        return list(flags.values()), flags

    def options(self, *, headed: bool, flags: Sequence[str]) -> ArgOptions:
        """A flag is an argument that begins with a hyphen, or `preference=value` with a value in JSON (or a text)."""
        options = webdriver.FirefoxOptions()
        options.set_capability("webSocketUrl", value=True)
        options.set_preference("devtools.console.stdout.content", value=True)  # into the driver's log, what pages print
        options.set_preference("devtools.console.stdout.chrome", value=False)  # and not its own windows
        for flag in flags:
            if flag.startswith("-"):
                options.add_argument(flag)
            else:
                name, _, text = flag.partition("=")
                options.set_preference(name, _value(text))
        if not headed:
            options.add_argument("-headless")
        return options

    def settled(self, options: ArgOptions, installed: Installed, log: Path) -> ArgOptions:  # noqa: ARG002 (TMPDIR is it)
        assert isinstance(options, webdriver.FirefoxOptions)
        options.binary_location = str(installed.browser)
        return options

    def service(self, installed: Installed, environment: Mapping[str, str], log: Path) -> Service:
        # HOME, beside the profile: Firefox leaves a list of profiles there.
        home = {"HOME": environment["TMPDIR"], "MOZ_CRASHREPORTER_DISABLE": "1"}
        return webdriver.FirefoxService(
            str(installed.driver), env={**environment, **home}, log_output=str(log),
            service_args=["--allow-system-access"],  # of us to its console
        )  # fmt: skip

    def console(self, started: Started) -> list[dict[str, str]]:
        printed = [found for line in started.log.lines() if (found := _CONSOLE.match(line))] if started.log else []
        started.driver.execute("SET_CONTEXT", {"context": "chrome"})  # for good: nothing else is asked of the driver
        errors: list[dict[str, str]] = started.driver.execute_script(_UNHEARD + _ERRORS)
        return [*({"level": found[1], "source": "console", "text": found[2]} for found in printed), *errors]

    def last_words(self, log: Path) -> str:
        return last_lines(log, _NOISE)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


FIREFOX = _Firefox()
