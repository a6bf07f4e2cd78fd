"""One session: the server, the browser, its page, and the scripts that go from the host to the page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import ClientError
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.options import ArgOptions
from urllib3.exceptions import HTTPError

from runners.browser.blobs import Blobs
from runners.browser.display import Display
from runners.browser.driver import start_here, start_there
from runners.browser.page import Page, PageGone
from runners.browser.processes import adopt_orphans, end_all, wait_for_end
from runners.browser.product import Installed, Product, Started, StartError
from runners.browser.site import Site
from runners.browser.wire import NotTheProtocol, Wire
from runners.browser.witness import Witness, witness_of
from runners.protocol import GRACE, VERSION

__all__ = ["serve"]

_HELLO = 30.0  # seconds until the page has said hello
_QUIT = 2.0  # seconds for a browser to end in its own way
_KEEP = 5.0  # seconds

T = TypeVar("T")


class _Lost(Exception):
    """Something that a session cannot do without has ended. The message says what."""


async def serve(
    product: Product, place: Installed | str, site: Site, *, headed: bool, flags: Sequence[str] = ()
) -> int:
    """Serves one session with a browser of this machine, or of the Grid with that URL.

    The exit code: 0, 1 (the browser was lost or did not start), 2 (not the protocol)."""
    adopt_orphans()
    wire = Wire()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    scratch = Path(tempfile.mkdtemp(prefix="b-"))  # short: Chromium's socket in it has a path of at most 107 bytes
    session = _Session(product, site, wire, scratch)
    try:
        work = asyncio.create_task(session.serve(place, headed=headed, flags=flags))
        ends = [asyncio.create_task(stop.wait()), asyncio.create_task(_abandoned(wire))]
        await asyncio.wait([work, *ends], return_when=asyncio.FIRST_COMPLETED)
        code = work.result() if work.done() else 0
    except BrokenPipeError:
        code = 0
    except StartError as error:
        sys.stderr.write(f"{product.name} does not start: {error}\n")
        code = 1
    except NotTheProtocol as error:
        sys.stderr.write(f"not the protocol: {error}\n")
        code = 2
    except _Lost as error:
        words = session.last_words()
        sys.stderr.write(f"{product.name}: {error}\n" + (f"{words}\n" if words else ""))
        code = 1
    finally:
        await session.end()
        shutil.rmtree(scratch, ignore_errors=True)
    return code


async def _abandoned(wire: Wire) -> None:
    await wire.ended.wait()
    await asyncio.sleep(GRACE)


class _Session:
    def __init__(self, product: Product, site: Site, wire: Wire, scratch: Path) -> None:
        self._product, self._site, self._wire, self._scratch = product, site, wire, scratch
        self._page = Page({"type": "hello", "protocol": VERSION})
        self._blobs = Blobs(site.prefix)
        self._server = site.server([*self._page.routes(), *self._blobs.routes()])
        self._starting: asyncio.Future[Started] | None = None
        self._started: Started | None = None
        self._display: Display | None = None
        self._facts: dict[str, Any] = {}
        self._witness: Witness | None = None
        self._is_told = False
        """Whether what was seen from outside of the page has been told up to now."""

    async def serve(self, place: Installed | str, *, headed: bool, flags: Sequence[str]) -> int:
        await self._server.start()
        if isinstance(place, Installed) and self._product.needs_display and not headed:
            self._display = Display(self._scratch)
        options = self._product.options(headed=headed, flags=flags)
        self._starting = _blocking(lambda: self._start(place, options))
        self._started = await self._starting
        lost = [asyncio.create_task(self._watch(pid)) for pid in self._started.pids]
        keeping = asyncio.create_task(self._keep(self._started))
        work = asyncio.create_task(self._work(self._started))
        done, _ = await asyncio.wait([work, *lost], return_when=asyncio.FIRST_COMPLETED)
        keeping.cancel()
        if work in done:
            return work.result()
        raise _Lost("the browser or its driver ended")

    def _start(self, place: Installed | str, options: ArgOptions) -> Started:
        if isinstance(place, str):
            return start_there(place, options)
        environment = {**os.environ, "TMPDIR": str(self._scratch)}
        environment |= self._display.start() if self._display else {}
        return start_here(self._product, place, options, self._scratch, environment)

    async def end(self) -> None:
        """Whatever state it is in: browser, driver and ports are gone after this."""
        if self._witness is not None:
            await self._witness.close()
        started = self._started
        if started is not None and not started.pids:  # one of this machine is killed: nothing of it is to be kept
            await self._quit(started)
        if self._display is not None:
            self._display.stop()
        end_all()
        limit = time.monotonic() + _QUIT
        while self._starting is not None and not self._starting.done() and time.monotonic() < limit:
            await asyncio.sleep(0.02)
            end_all()  # what the start that we interrupt had not yet brought up
        if started is None and self._starting is not None and self._starting.done() and not self._starting.exception():
            await self._quit(self._starting.result())  # a Grid's, which no end of a process would end
        await self._server.stop()

    async def _quit(self, started: Started) -> None:
        with contextlib.suppress(TimeoutError, WebDriverException, HTTPError, OSError):
            await asyncio.wait_for(_blocking(started.driver.quit), _QUIT)

    def last_words(self) -> str:
        log = self._started.log if self._started else None
        return self._product.last_words(log.path) if log else ""

    async def _watch(self, pid: int) -> None:
        await _blocking(lambda: wait_for_end(pid))

    async def _keep(self, started: Started) -> None:
        """A Grid ends a session that nobody asks anything for a while, and scripts do not go by its way."""
        while not started.pids:
            await asyncio.sleep(_KEEP)
            with contextlib.suppress(WebDriverException, HTTPError, OSError):
                await _blocking(lambda: started.driver.timeouts)

    async def _work(self, started: Started) -> int:
        hello = await self._open(started)
        while (message := await self._receive()) is not None:
            match message.get("type"):
                case "bye":
                    break
                case "hello":
                    self._wire.send(json.dumps(hello))
                case "run":
                    self._wire.send(await self._observe(started, message))
                case other:
                    raise NotTheProtocol(f"no such message: {other!r}")
        return 0

    async def _receive(self) -> dict[str, Any] | None:
        """The next message; _Lost when the page goes while nobody asks it for anything."""
        received, gone = asyncio.create_task(self._wire.receive()), asyncio.create_task(self._page.gone.wait())
        await asyncio.wait([received, gone], return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not received.done():
            raise _Lost("the page is gone")
        return received.result()

    async def _open(self, started: Started) -> dict[str, Any]:
        url = self._site.page(self._server, self._page.query)
        try:
            await _blocking(lambda: started.driver.get(url))
            said = await asyncio.wait_for(self._page.hello(), _HELLO)
        except WebDriverException as error:
            raise StartError(f"{url}: {(error.msg or '').splitlines()[0]}") from error
        except TimeoutError as error:
            raise StartError(
                f"{url}: no word from the page in {_HELLO:g} s; its console: {await self._console(started)}"
            ) from error
        except PageGone as error:
            raise StartError(f"{url}: the page is gone before its hello") from error
        if "error" in said:
            raise StartError(f"{url}: {said['error']}; its console: {await self._console(started)}")
        self._facts = said["facts"]
        return {
            "type": "hello",
            "protocol": VERSION,
            "runtime": self._product.name,
            "version": started.version,
            "findings": said["findings"],
            "facts": self._facts,
        }

    async def _observe(self, started: Started, message: dict[str, Any]) -> str:
        script = self._blobs.linked(message.get("script"))
        asks_the_page = _asks_the_page(script)
        if asks_the_page and not self._is_told:
            await self._evidence(started)  # what came before is not about it
        self._is_told = asks_the_page
        try:
            text = await self._page.ask({**message, "script": script, "site": self._site.places(self._server)})
        except PageGone as error:
            raise _Lost("the page is gone in the middle of a script") from error
        if '"error"' not in text and not asks_the_page:  # nearly always: nothing to add, nothing to parse
            return text
        observation = json.loads(text)
        results = observation["results"]
        evidence: dict[str, Any] = {}
        if asks_the_page:
            evidence = await self._evidence(started)
        elif results and "error" in results[-1]:
            evidence = {"console": await self._console(started)}
        if evidence:
            observation["facts"] = {**self._facts, **observation.get("facts", {}), **evidence}
        if results and results[-1].get("error", {}).get("phase") == "deadline" and not self._product.ends_workers:
            observation["last"] = True
        return json.dumps(observation, separators=(",", ":"))

    async def _evidence(self, started: Started) -> dict[str, Any]:
        """What was seen from outside of the page since the last call: `console`, `blocked` requests, `reports`."""
        if self._witness is None and (witness := witness_of(started)):
            self._witness = witness
            with contextlib.suppress(OSError, ClientError):  # then nothing is told of blocked requests
                await witness.open()
        blocked = await self._witness.blocked() if self._witness else []
        console = await self._console(started)
        return {"console": console, "blocked": blocked, "reports": await self._reports()}

    async def _reports(self) -> list[dict[str, Any]]:
        """Those that the page got itself, and those that came to the server meanwhile."""
        try:
            told = json.loads(await self._page.ask({"type": "reports"}))["reports"]
        except PageGone:
            told = []
        came = [*self._server.reports.received]
        self._server.reports.received.clear()
        return [*told, *came]

    async def _console(self, started: Started) -> list[dict[str, str]]:
        try:
            return await _blocking(lambda: self._product.console(started))
        except (WebDriverException, HTTPError, OSError):
            return []


def _asks_the_page(script: Any) -> bool:
    """Whether it is one of probes."""
    return isinstance(script, list) and any(isinstance(one, dict) and one.get("type") == "probe" for one in script)


def _blocking(work: Callable[[], T]) -> asyncio.Future[T]:
    """Runs `work` in a daemon thread: unlike an executor's, it cannot keep the process when the session must end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(set_it: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            set_it(value)

    def run() -> None:
        try:
            call, value = future.set_result, work()
        except BaseException as error:  # handed to whoever awaits it
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody awaits it any more
                loop.call_soon_threadsafe(settle, future.set_exception, error)
            return
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, call, value)

    threading.Thread(target=run, daemon=True).start()
    return future
