"""One script in Python: its store, names, bound values and workers, and what each command does with them."""

from __future__ import annotations

import base64
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runners import grants, requests
from runners.blobs import Blobs
from runners.engine import (
    THREAD_SPAWN,
    WASI,
    Code,
    Engine,
    EngineError,
    Exit,
    Instance,
    Memory,
    Store,
    Threaded,
    Trap,
    UncaughtException,
    Value,
)
from runners.fields import Command, integer, malformed, names, object_of, string
from runners.results import Result, encoded, failure
from runners.values import WIDTHS, decode
from runners.workers import Plan, Region, Workers

__all__ = ["Script"]

MOST_REPEATS = 1_000_000
MOST_WORKERS = 1024
"""More than these is a mistake of the script's, and would cost the machine its memory."""


class _Module:
    """An instance of the script, and what its workers need to have one of their own."""

    def __init__(self, instance: Instance, code: Code) -> None:
        self.instance, self.code = instance, code


class Script:
    """One that runs. `scratch` and `threads` as of `Interpreter`."""

    def __init__(self, engine: Engine, blobs: Blobs, scratch: Path, *, threads: bool) -> None:
        self._engine, self._blobs, self._scratch, self._threads = engine, blobs, scratch, threads
        self._store: Store = engine.store()
        self._imports: dict[tuple[str, str], Any] = {}
        self._shared: dict[tuple[str, str], Memory] = {}
        self._registered: list[tuple[str, Code]] = []
        self._memory: Memory | None = None
        self._named: dict[str, _Module] = {}
        self._current: _Module | None = None
        self._bound: dict[str, Value] = {}
        self._workers: Workers | None = None
        self._folder: Path | None = None

    def perform(self, command: Any) -> Result:
        """The entry of one command. Errors: EngineError, after which the script ends."""
        if not isinstance(command, dict):
            raise malformed(f"not a command: {command!r}")
        kind = command.get("type")
        perform = _COMMANDS.get(kind) if isinstance(kind, str) else None
        if perform is None:
            raise malformed(f"not a type of command: {kind!r}")
        try:
            return perform(self, command)
        except (Trap, UncaughtException, Exit) as end:
            return failure(end)

    def close(self) -> None:
        try:
            if self._workers is not None:
                # They use the memory, and would take time from the next script. The host holds the deadline.
                self._workers.join()
        finally:
            self._store.close()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    # Modules

    def _new_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(dir=self._scratch))
        return Path(tempfile.mkdtemp(dir=self._folder))

    def _instantiate(self, command: Command) -> _Module:
        code = self._blobs.code(command)
        wasi = None
        if any(module == WASI for module, _ in self._engine.imports(code)):
            given = object_of(command, "wasi") if command.get("wasi") is not None else {}
            wasi = grants.grant_of(given, self._new_folder, self._blobs.data)
        return _Module(self._store.instantiate(code, self._imports, wasi), code)

    def module(self, command: Command) -> Result:
        # Before anything can fail: what comes after a failed module must not speak to the one before it.
        self._current = None
        self._current = self._instantiate(command)
        if command.get("name") is not None:
            self._named[string(command, "name")] = self._current
        return {}

    def assert_module(self, command: Command) -> Result:
        try:
            self._instantiate(command)
        except EngineError as error:
            if error.phase in ("script", "fetch"):
                raise  # the question was not asked
            return failure(error)
        return {}

    def _find(self, command: Command, key: str) -> _Module:
        name = None if command.get(key) is None else string(command, key)
        found = self._current if name is None else self._named.get(name)
        if found is None:
            raise EngineError("call", "there is no current module" if name is None else f"no module is named {name!r}")
        return found

    def register(self, command: Command) -> Result:
        namespace = string(command, "as")
        module = self._find(command, "name")
        for name, item in module.instance.exports().items():
            self._imports[namespace, name] = item
        self._registered.append((namespace, module.code))
        return {}

    # Calls

    def _value(self, data: Any) -> Value:
        if not (isinstance(data, dict) and "bound" in data):
            return decode(data)
        kind = data.get("type")
        if not isinstance(kind, str) or kind not in WIDTHS:
            raise malformed(f"not a type for a bound value: {kind!r}")
        return Value(kind, self._bound_bits(data) & ((1 << WIDTHS[kind]) - 1))

    def _bound_bits(self, data: Command) -> int:
        name, plus = string(data, "bound"), data.get("plus", 0)
        if name not in self._bound:
            raise malformed(f"no value is bound to {name!r}")
        if not isinstance(plus, int):
            raise malformed(f"plus is a number: {plus!r}")
        return self._bound[name].bits + plus

    def action(self, command: Command) -> Result:
        action = object_of(command, "action")
        instance, name = self._find(action, "module").instance, string(action, "field")
        call: Callable[[], list[Value]]
        if action.get("type") == "invoke":
            given = action.get("args", [])
            if not isinstance(given, list):
                raise malformed(f"args is a list of values: {given!r}")
            arguments, results = [self._value(value) for value in given], names(command, "results")

            def call() -> list[Value]:
                return instance.invoke(name, arguments, results)

        elif action.get("type") == "get":

            def call() -> list[Value]:
                value = instance.get(name)
                if value is None:
                    raise EngineError("call", f"no global is exported as {name!r}")
                return [value]

        else:
            raise malformed(f"not a type of action: {action.get('type')!r}")
        result: Result
        if "repeat" in command:
            result = _repeated(call, integer(command, "repeat", 1, MOST_REPEATS))
            values = result.pop("values")
        else:
            start = time.perf_counter()
            values = call()
            result = {"seconds": time.perf_counter() - start}
        if "bind" in command:
            if not values:
                raise EngineError("call", f"{name} has no result to bind")
            self._bound[string(command, "bind")] = values[0]
        return {**encoded(values), **result}

    # Linear memory

    def make_memory(self, command: Command) -> Result:
        module, field = names(command, "as", 2)
        minimum = integer(command, "minimum")
        maximum = None if command.get("maximum") is None else integer(command, "maximum")
        if command.get("shared"):
            if maximum is None:
                raise malformed("a shared memory has a maximum")
            self._memory = self._shared[module, field] = self._engine.shared_memory(minimum, maximum)
        else:
            self._memory = self._engine.memory(self._store, minimum, maximum)
        self._imports[module, field] = self._memory
        return {}

    def _linear(self) -> Memory:
        exported = self._current.instance.memory() if self._current is not None else None
        memory = exported if exported is not None else self._memory
        if memory is None:
            raise EngineError("memory", "the current module exports no memory, and the host made none")
        return memory

    def _address(self, data: Any) -> int:
        if isinstance(data, dict) and "bound" in data:
            return self._bound_bits(data)
        if isinstance(data, int) and not isinstance(data, bool):
            return data
        raise malformed(f"not an address: {data!r}")

    def write(self, command: Command) -> Result:
        address, data = self._address(command.get("address")), self._blobs.data(command.get("data"))
        self._linear().write(address, data)
        return {}

    def read(self, command: Command) -> Result:
        content = self._linear().read(self._address(command.get("address")), integer(command, "length"))
        return {"bytes": base64.b64encode(content).decode()}

    def pages(self, _command: Command) -> Result:
        return {"pages": self._linear().pages()}

    # Threads

    def _region(self, command: Command, key: str) -> Region | None:
        if command.get(key) is None:
            return None
        data = object_of(command, key)
        return Region(self._address(data.get("address")), integer(data, "size"))

    def spawn(self, command: Command) -> Result:
        if self._workers is not None:
            raise malformed("the workers of the last spawn have not been joined")
        if not self._threads:
            message = "the binding holds Python's lock while a module runs, so that no two threads are in one at once"
            raise EngineError("spawn", message, "unsupported")
        module = self._find(command, "name")
        self._workers = Workers(
            Plan(
                engine=self._engine,
                code=module.code,
                registered=list(self._registered),
                # Nothing else can be used in another store.
                memories=self._shared,
                count=integer(command, "workers", 1, MOST_WORKERS),
                field=string(command, "field"),
                argument=self._value(command.get("arg")),
                stack=self._region(command, "stack"),
                tls=self._region(command, "tls"),
            )
        )
        return {}

    def join(self, _command: Command) -> Result:
        workers, self._workers = self._workers, None
        if workers is None:
            raise malformed("there are no workers to join")
        joined = workers.join()
        for entry in joined["workers"]:
            if entry.get("error", {}).get("phase") == "deadline":
                raise EngineError("deadline", entry["error"]["message"])
        return joined

    # Commands of WASI

    def wasi(self, command: Command) -> Result:
        code = self._blobs.code(command)
        threads = {}
        if THREAD_SPAWN in self._engine.imports(code):
            if not isinstance(self._engine, Threaded):
                raise EngineError("spawn", "neither the runtime's WASI starts threads nor our runner", "unsupported")
            threads = {"threads": self._engine.thread_spawn}
        grant = grants.grant_of(command, self._new_folder, self._blobs.data)
        wanted = names(command, "collect")
        scratch = self._new_folder()
        start = time.perf_counter()
        outcome = self._engine.run_command(code, grant, scratch)
        seconds = time.perf_counter() - start
        if isinstance(outcome.ended, EngineError):
            raise outcome.ended
        files: dict[str, str | None] = {}
        for guest in wanted:
            content = grants.collect(grant, guest)
            files[guest] = None if content is None else base64.b64encode(content).decode()
        return {
            **({"exit": outcome.exit} if outcome.ended is None else failure(outcome.ended)),
            "stdout": base64.b64encode(outcome.stdout).decode(),
            "stderr": base64.b64encode(outcome.stderr).decode(),
            "files": files,
            "seconds": seconds,
            **threads,
        }

    # Handlers of HTTP requests

    def request(self, command: Command) -> Result:
        if not isinstance(self._engine, requests.Serving):
            raise EngineError("request", "this runtime serves no HTTP", "unsupported")
        code = self._blobs.code(command)
        return self._engine.respond(code, requests.request_of(command, self._blobs.data))

    # Commands for other runners

    def probe(self, _command: Command) -> Result:
        raise EngineError("probe", "this runtime is no browser", "unsupported")

    def program(self, _command: Command) -> Result:
        raise EngineError("program", "the program's ABI is JavaScript of node or of a page", "unsupported")


def _repeated(call: Callable[[], list[Value]], count: int) -> Result:
    clock, times = time.perf_counter, []
    values: list[Value] = []
    for _ in range(count):
        start = clock()
        values = call()
        times.append(clock() - start)
    return {"values": values, "seconds": sum(times), "times": times}


_COMMANDS: Mapping[str, Callable[[Script, Command], Result]] = {
    "module": Script.module,
    "register": Script.register,
    "memory": Script.make_memory,
    "action": Script.action,
    "assert_return": Script.action,
    "assert_trap": Script.action,
    "assert_exhaustion": Script.action,
    "assert_exception": Script.action,
    "assert_invalid": Script.assert_module,
    "assert_malformed": Script.assert_module,
    "assert_unlinkable": Script.assert_module,
    "assert_uninstantiable": Script.assert_module,
    "write": Script.write,
    "read": Script.read,
    "pages": Script.pages,
    "spawn": Script.spawn,
    "join": Script.join,
    "wasi": Script.wasi,
    "request": Script.request,
    "probe": Script.probe,
    "program": Script.program,
}
