"""The script interpreter in Python: it runs the commands of PROTOCOL.md over an `Engine`, and reports what it saw."""

from __future__ import annotations

import base64
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runners import blobs, grants, requests
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
from runners.values import WIDTHS, decode, encode
from runners.workers import Plan, Region, Workers

__all__ = ["Interpreter"]

KEPT_MODULES = 64 << 20
"""Bytes of wasm whose compiled code a session keeps (compiled code is a few times larger)."""

KEPT_DATA = 64 << 20
"""Bytes of data files that a session keeps."""

LONGEST_MESSAGE = 4000
"""Characters of an engine's message that are reported; wasmer 1's for a stack overflow has 10 million."""

MOST_REPEATS = 1_000_000
MOST_WORKERS = 1024
"""More than these is a mistake of the script's, and would cost the machine its memory."""


Result = dict[str, Any]
Command = Mapping[str, Any]


def _message(error: BaseException) -> str:
    text = str(error)
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + " …"


def _failure(error: Exception) -> Result:
    """The entry for a way to end that is not values."""
    if isinstance(error, Trap):
        return {"trap": {"kinds": error.kinds, "message": _message(error)}}
    if isinstance(error, UncaughtException):
        return {"exception": {"message": _message(error)}}
    if isinstance(error, Exit):
        return {"exit": error.code}
    if isinstance(error, EngineError):
        started = {} if error.started is None else {"started": error.started}
        return {"error": {"phase": error.phase, "name": error.name, "message": _message(error), **started}}
    raise error


_ENDS = (Trap, UncaughtException, Exit, EngineError)


def _malformed(text: str) -> EngineError:
    return EngineError("script", text)


def _integer(command: Command, key: str, least: int = 0, most: int = 1 << 64) -> int:
    value = command.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _malformed(f"{key} is a number from {least} to {most}: {value!r}")
    return value


def _is_unicode(text: str) -> bool:
    """Whether `text` can be a name in a module: JSON's escapes can also write half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _string(command: Command, key: str) -> str:
    value = command.get(key)
    if not isinstance(value, str) or not _is_unicode(value):
        raise _malformed(f"{key} is a string: {value!r}")
    return value


def _names(command: Command, key: str, count: int | None = None) -> list[str]:
    value = command.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _malformed(f"{key} is a list of strings: {value!r}")
    if count is not None and len(value) != count:
        raise _malformed(f"{key} has {count} strings: {value!r}")
    return value


def _object(command: Command, key: str) -> dict[str, Any]:
    value = command.get(key)
    if not isinstance(value, dict):
        raise _malformed(f"{key} is an object: {value!r}")
    return value


class Interpreter:
    """A session: it keeps compiled modules and data between scripts, and nothing else.

    `scratch` is an existing folder for the files of scripts; each script leaves it as it was. `threads` is whether two
    of them can be inside the engine at once."""

    def __init__(self, engine: Engine, scratch: Path, *, threads: bool = True) -> None:
        self.engine, self.scratch, self.threads = engine, scratch, threads
        self._modules: blobs.Bounded[Code] = blobs.Bounded(KEPT_MODULES)
        self._data: blobs.Bounded[bytes] = blobs.Bounded(KEPT_DATA)

    def run(self, script: Any) -> list[Result]:
        """The results of `script`, in order. Any script gives a list: what is wrong with it is its last entry."""
        if not isinstance(script, list):
            return [_failure(_malformed(f"a script is a list of commands, not {type(script).__name__}"))]
        run = _Run(self)
        try:
            return run.all(script)
        finally:
            run.close()

    def code(self, command: Command) -> Code:
        """The compiled module that `command` names by content."""
        sha256, path = blobs.file_of(command)

        def make() -> tuple[Code, int]:
            wasm = blobs.read(sha256, path)
            return self.engine.compile(wasm), len(wasm)

        return self._modules.get(sha256, make)

    def data(self, data: Any) -> bytes:
        """Data as a script writes it: inline, or by content."""
        if not isinstance(data, dict):
            raise _malformed(f"not data: {data!r}")
        if "base64" in data:
            return blobs.inline(data["base64"])
        sha256, path = blobs.file_of(data)

        def make() -> tuple[bytes, int]:
            content = blobs.read(sha256, path)
            return content, len(content)

        return self._data.get(sha256, make)


class _Module:
    """An instance of the script, and what its workers need to have one of their own."""

    def __init__(self, instance: Instance, code: Code) -> None:
        self.instance, self.code = instance, code


class _Run:
    """One script: its store, names, bound values and workers."""

    def __init__(self, session: Interpreter) -> None:
        self._session, self._engine = session, session.engine
        self._store: Store = session.engine.store()
        self._imports: dict[tuple[str, str], Any] = {}
        self._shared: dict[tuple[str, str], Memory] = {}
        self._registered: list[tuple[str, Code]] = []
        self._memory: Memory | None = None
        self._named: dict[str, _Module] = {}
        self._current: _Module | None = None
        self._bound: dict[str, Value] = {}
        self._workers: Workers | None = None
        self._folder: Path | None = None

    def all(self, script: list[Any]) -> list[Result]:
        results: list[Result] = []
        for command in script:
            try:
                results.append(self._perform(command))
            except EngineError as error:
                results.append(_failure(error))
                break
        return results

    def close(self) -> None:
        try:
            if self._workers is not None:
                # They use the memory, and would take time from the next script. The host holds the deadline.
                self._workers.join()
        finally:
            self._store.close()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _perform(self, command: Any) -> Result:
        if not isinstance(command, dict):
            raise _malformed(f"not a command: {command!r}")
        kind = command.get("type")
        perform = _COMMANDS.get(kind) if isinstance(kind, str) else None
        if perform is None:
            raise _malformed(f"not a type of command: {kind!r}")
        try:
            return perform(self, command)
        except (Trap, UncaughtException, Exit) as end:
            return _failure(end)

    # Modules

    def _new_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(dir=self._session.scratch))
        return Path(tempfile.mkdtemp(dir=self._folder))

    def _instantiate(self, command: Command) -> _Module:
        code = self._session.code(command)
        wasi = None
        if any(module == WASI for module, _ in self._engine.imports(code)):
            given = _object(command, "wasi") if command.get("wasi") is not None else {}
            wasi = grants.grant_of(given, self._new_folder, self._session.data)
        return _Module(self._store.instantiate(code, self._imports, wasi), code)

    def module(self, command: Command) -> Result:
        # Before anything can fail: what comes after a failed module must not speak to the one before it.
        self._current = None
        self._current = self._instantiate(command)
        if command.get("name") is not None:
            self._named[_string(command, "name")] = self._current
        return {}

    def assert_module(self, command: Command) -> Result:
        try:
            self._instantiate(command)
        except EngineError as error:
            if error.phase in ("script", "fetch"):
                raise  # the question was not asked
            return _failure(error)
        return {}

    def _find(self, command: Command, key: str) -> _Module:
        name = None if command.get(key) is None else _string(command, key)
        found = self._current if name is None else self._named.get(name)
        if found is None:
            raise EngineError("call", "there is no current module" if name is None else f"no module is named {name!r}")
        return found

    def register(self, command: Command) -> Result:
        namespace = _string(command, "as")
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
            raise _malformed(f"not a type for a bound value: {kind!r}")
        return Value(kind, self._bound_bits(data) & ((1 << WIDTHS[kind]) - 1))

    def _bound_bits(self, data: Command) -> int:
        name, plus = _string(data, "bound"), data.get("plus", 0)
        if name not in self._bound:
            raise _malformed(f"no value is bound to {name!r}")
        if not isinstance(plus, int):
            raise _malformed(f"plus is a number: {plus!r}")
        return self._bound[name].bits + plus

    def action(self, command: Command) -> Result:
        action = _object(command, "action")
        instance, name = self._find(action, "module").instance, _string(action, "field")
        call: Callable[[], list[Value]]
        if action.get("type") == "invoke":
            given = action.get("args", [])
            if not isinstance(given, list):
                raise _malformed(f"args is a list of values: {given!r}")
            arguments, results = [self._value(value) for value in given], _names(command, "results")

            def call() -> list[Value]:
                return instance.invoke(name, arguments, results)

        elif action.get("type") == "get":

            def call() -> list[Value]:
                value = instance.get(name)
                if value is None:
                    raise EngineError("call", f"no global is exported as {name!r}")
                return [value]

        else:
            raise _malformed(f"not a type of action: {action.get('type')!r}")
        result: Result
        if "repeat" in command:
            result = _repeated(call, _integer(command, "repeat", 1, MOST_REPEATS))
            values = result.pop("values")
        else:
            start = time.perf_counter()
            values = call()
            result = {"seconds": time.perf_counter() - start}
        if "bind" in command:
            if not values:
                raise EngineError("call", f"{name} has no result to bind")
            self._bound[_string(command, "bind")] = values[0]
        return {"values": [encode(value) for value in values], **result}

    # Linear memory

    def make_memory(self, command: Command) -> Result:
        module, field = _names(command, "as", 2)
        minimum = _integer(command, "minimum")
        maximum = None if command.get("maximum") is None else _integer(command, "maximum")
        if command.get("shared"):
            if maximum is None:
                raise _malformed("a shared memory has a maximum")
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
        raise _malformed(f"not an address: {data!r}")

    def write(self, command: Command) -> Result:
        address, data = self._address(command.get("address")), self._session.data(command.get("data"))
        self._linear().write(address, data)
        return {}

    def read(self, command: Command) -> Result:
        content = self._linear().read(self._address(command.get("address")), _integer(command, "length"))
        return {"bytes": base64.b64encode(content).decode()}

    def pages(self, _command: Command) -> Result:
        return {"pages": self._linear().pages()}

    # Threads

    def _region(self, command: Command, key: str) -> Region | None:
        if command.get(key) is None:
            return None
        data = _object(command, key)
        return Region(self._address(data.get("address")), _integer(data, "size"))

    def spawn(self, command: Command) -> Result:
        if self._workers is not None:
            raise _malformed("the workers of the last spawn have not been joined")
        if not self._session.threads:
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
                count=_integer(command, "workers", 1, MOST_WORKERS),
                field=_string(command, "field"),
                argument=self._value(command.get("arg")),
                stack=self._region(command, "stack"),
                tls=self._region(command, "tls"),
                report=_report,
            )
        )
        return {}

    def join(self, _command: Command) -> Result:
        workers, self._workers = self._workers, None
        if workers is None:
            raise _malformed("there are no workers to join")
        joined = workers.join()
        for entry in joined["workers"]:
            if entry.get("error", {}).get("phase") == "deadline":
                raise EngineError("deadline", entry["error"]["message"])
        return joined

    # Commands of WASI

    def wasi(self, command: Command) -> Result:
        code = self._session.code(command)
        threads = {}
        if THREAD_SPAWN in self._engine.imports(code):
            if not isinstance(self._engine, Threaded):
                raise EngineError("spawn", "neither the runtime's WASI starts threads nor our runner", "unsupported")
            threads = {"threads": self._engine.thread_spawn}
        grant = grants.grant_of(command, self._new_folder, self._session.data)
        wanted = _names(command, "collect")
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
            **({"exit": outcome.exit} if outcome.ended is None else _failure(outcome.ended)),
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
        code = self._session.code(command)
        return self._engine.respond(code, requests.request_of(command, self._session.data))

    def probe(self, _: Command) -> Result:
        raise EngineError("probe", "this runtime is no browser", "unsupported")

    # Programs with JavaScript of their own

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


def _report(call: Callable[[], list[Value]]) -> Result:
    try:
        return {"values": [encode(value) for value in call()]}
    except _ENDS as error:
        return _failure(error)


_COMMANDS: Mapping[str, Callable[[_Run, Command], Result]] = {
    "module": _Run.module,
    "register": _Run.register,
    "memory": _Run.make_memory,
    "action": _Run.action,
    "assert_return": _Run.action,
    "assert_trap": _Run.action,
    "assert_exhaustion": _Run.action,
    "assert_exception": _Run.action,
    "assert_invalid": _Run.assert_module,
    "assert_malformed": _Run.assert_module,
    "assert_unlinkable": _Run.assert_module,
    "assert_uninstantiable": _Run.assert_module,
    "write": _Run.write,
    "read": _Run.read,
    "pages": _Run.pages,
    "spawn": _Run.spawn,
    "join": _Run.join,
    "wasi": _Run.wasi,
    "request": _Run.request,
    "probe": _Run.probe,
    "program": _Run.program,
}
