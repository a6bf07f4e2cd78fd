"""Selenium Grids: one that somebody runs, and one of this machine's own, from Maven Central."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from headers_server.origin import LOOPBACK_NAMES, listen
from runners.browser.product import Missing, Product
from runners.jdk import needs_to_build
from runners.maven import fetch
from runners.processes import end, guarded
from runners.provision import cache_folder, locked
from runners.runtime import InstallError, Log

__all__ = ["ADDRESS", "URL", "GridError", "browsers_of", "install", "is_here", "offered", "serving"]

URL, ADDRESS = "WASM_MATRIX_GRID", "WASM_MATRIX_ANNOUNCE"
"""In the environment: the Grid whose browsers are asked, and the address by which these reach this machine."""

_HERE = Path(__file__).parent
_LOCK = _HERE / "jars.lock"
_MAIN = "org.openqa.selenium.grid.Bootstrap"
_READY = 60.0  # seconds
_PATIENCE = 5.0  # seconds
_SESSIONS = 4  # of each browser, side by side
_ALL = 16  # sessions, of all browsers
_QUEUED = 50  # seconds: a runner that asks for a session has given up after 60
_IDLE = 300  # seconds, as a Grid has it


class GridError(Exception):
    """It cannot be asked, or does not start. One line."""


def is_here(url: str) -> bool:
    """Whether the Grid is on this machine, so that its browsers reach the loopback."""
    return urlsplit(url).hostname in LOOPBACK_NAMES


def browsers_of(url: str) -> set[str]:
    """What browsers a Grid has, by WebDriver's names. Raises GridError."""
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/status", timeout=10) as answer:  # noqa: S310 (the user's own)
            value = json.load(answer)["value"]
        return {slot["stereotype"]["browserName"] for node in value["nodes"] for slot in node["slots"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GridError(f"no Selenium Grid answers at {url}: {error}") from error


def offered(products: Sequence[Product]) -> list[str]:
    """The drivers of a Grid's own configuration (TOML) for the browsers that are here and need no display."""
    entries = []
    for product in products:
        try:
            found = product.find()
        except Missing:
            continue
        if product.needs_display:
            continue
        options = product.options(headed=False, flags=[])
        stereotype = {"browserName": options.capabilities["browserName"]}
        settled = product.settled(options, found, Path(os.devnull)).to_capabilities()  # type: ignore[no-untyped-call]
        entries += [
            "[[node.driver-configuration]]",
            f"display-name = {json.dumps(product.name)}",
            f"max-sessions = {_SESSIONS}",
            f"webdriver-executable = {json.dumps(str(found.driver))}",
            f"stereotype = {json.dumps(json.dumps(stereotype | _local(settled)))}",
        ]
    return entries


def _local(capabilities: dict[str, object]) -> dict[str, object]:
    """Where the program is, and what this machine asks of it: the Grid adds it to what a session wants."""
    local: dict[str, object] = {}
    for key, value in capabilities.items():
        if isinstance(value, dict) and "binary" in value:
            arguments = [one for one in value.get("args", []) if one == "--no-sandbox"]
            local[key] = {"binary": value["binary"], **({"args": arguments} if arguments else {})}
    return local


def _folder() -> Path:
    return cache_folder("grid") / hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]


def install(log: Log) -> None:
    """Its jars, where they are not there yet. Raises InstallError."""
    with locked("grid"):
        if _folder().is_dir():
            return
        if needs := needs_to_build():
            raise InstallError(needs)
        fresh = Path(tempfile.mkdtemp(dir=cache_folder("grid"), prefix="build-"))
        try:
            fetch(_HERE / "pom.xml", _LOCK, fresh / "jars", log)
            (fresh / "jars").rename(_folder())
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def serving(products: Sequence[Product], port: int, idle: int = _IDLE) -> Iterator[str]:
    """A Grid on the loopback while the context lasts; gives its URL. `install` comes before.

    It ends a session that nobody has asked anything for `idle` seconds (10 at least). Raises GridError, and ListenError
    where the port is taken.
    """
    for one in listen("127.0.0.1", port)[1]:  # the Grid itself would say so with a stack of Java's
        one.close()
    with tempfile.TemporaryDirectory(prefix="wasm-matrix-grid-") as folder:
        config, log = Path(folder) / "grid.toml", Path(folder) / "log"
        entries = offered(products)
        if not entries:
            raise GridError("no browser that a Grid could offer is on this machine")
        config.write_text("\n".join([*_settings(idle), *entries]))
        command = [
            "java", "-XX:-UsePerfData", "-Xmx512m", "-cp", str(_folder() / "*"), _MAIN, "standalone",
            "--host", "127.0.0.1", "--port", str(port), "--config", str(config),
        ]  # fmt: skip
        environment = {**os.environ, "TMPDIR": folder, "HOME": folder, "SE_OFFLINE": "true", "SE_AVOID_STATS": "true"}
        with log.open("wb") as written:
            process = subprocess.Popen(
                [*guarded(signal.SIGTERM), *command], stdin=subprocess.DEVNULL, stdout=written,
                stderr=subprocess.STDOUT, env=environment, start_new_session=True,
            )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            _await(process, url, log)
            yield url
        finally:
            end(process, _PATIENCE)  # with the drivers and browsers that it has started


def _settings(idle: int) -> list[str]:
    """Not a session for each processor, but as many as each browser may have; none for who no longer waits for it."""
    return [
        "[sessionqueue]", f"session-request-timeout = {_QUEUED}",
        "[node]", "detect-drivers = false", "override-max-sessions = true", f"max-sessions = {_ALL}",
        f"session-timeout = {idle}",
    ]  # fmt: skip


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    limit = time.monotonic() + _READY
    while time.monotonic() < limit:
        if process.poll() is not None:
            lines = log.read_text(errors="replace").strip().splitlines()
            raise GridError(f"the Grid ended at once: {lines[-1] if lines else process.returncode}")
        with contextlib.suppress(GridError):
            if browsers_of(url):
                return
        time.sleep(0.2)
    raise GridError(f"the Grid was not ready in {_READY:g} s")
