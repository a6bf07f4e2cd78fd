"""Viceroy as an engine: commands by `viceroy run`, a process each; a module's exports cannot be called through it."""

from __future__ import annotations

import base64
import hashlib
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from runners import features
from runners.engine import EngineError, Grant, Instance, Memory, Store, Trap, WasiOutcome
from runners.processes import guarded
from runners.requests import Request
from runners.viceroy.command import as_command
from runners.viceroy.server import NotServed, Server

__all__ = ["Viceroy"]

_ANSWER = 42
_EXECUTED = {"state": "executed"}
_ONE_TABLE = base64.b64decode(
    "AGFzbQEAAAABBQFgAAF/AwIBAAQEAW8AAQcJAQVwcm9iZQAAChsBGQDQb0Eo/A8AGkEo0G8mAPwQAEEoJQDRagsACwRuYW1lBQQBAAF0"
)
"""The probe of reference types without its second table, since Viceroy allows an instance one. As text:

(module (table $t 1 externref)
  (func (export "probe") (result i32)
    (drop (table.grow $t (ref.null extern) (i32.const 40)))
    (table.set $t (i32.const 40) (ref.null extern))
    (i32.add (table.size $t) (ref.is_null (table.get $t (i32.const 40))))))
"""

_TRAPPED = 128 + signal.SIGABRT
"""Viceroy's exit code after a trap. A guest cannot give it: wasmtime refuses codes of 126 and more."""

_SPAWNS = b"thread-spawn"
"""The name of what a module imports to start threads."""

_SENDS = b"fastly_http_req"
"""The name under which a module imports what sends requests. A backend of its own making is any address (see
`edge/http-dynamic-backend`), and Viceroy has no switch against it. A command is granted no network: it is not run."""

_ERROR = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+Z ERROR (.*)\Z", re.DOTALL)
"""What Viceroy itself has to say: behind all that the guest wrote on standard error."""

_NO_CALLS = "`viceroy run` calls `_start` alone: what a module exports cannot be called"


_ENVIRONMENT = (
    "CACHE_GENERATION", "CUSTOMER_ID", "HOSTNAME", "IS_STAGING", "POP",
    "REGION", "SERVICE_ID", "SERVICE_VERSION", "TRACE_ID",
)  # fmt: skip
"""What Viceroy sets for every program, as Compute does, behind FASTLY_ (viceroy-lib, linking.rs)."""


class _NoStore:
    def instantiate(self, *_: Any) -> Instance:
        raise EngineError("instantiate", _NO_CALLS, "unsupported")

    def close(self) -> None:
        return


class Viceroy:
    """An `Engine` (runners/engine.py). Its code is the module's bytes: each process compiles them for itself."""

    runtime = "viceroy"

    def __init__(self, binary: Path, scratch: Path) -> None:
        self._binary, self._scratch = binary, scratch
        self._served: tuple[str, Server] | None = None
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
        self.version = said.split()[-1]
        self.facts: Mapping[str, Any] = {
            "limits": "one memory of 128 MiB and one table an instance",
            "environment": [f"FASTLY_{name}" for name in _ENVIRONMENT],
        }

    def findings(self) -> dict[str, dict[str, str]]:
        """What became of each probe module, made a command, since none can be called through `viceroy run`."""
        found = {}
        for name, wasm in {**features.load(), "reference-types": _ONE_TABLE}.items():
            if name == features.PROVIDER:
                continue
            path = self._scratch / "probe.wasm"
            try:
                path.write_bytes(as_command(wasm, "probe", _ANSWER))
            except ValueError as error:
                found[name] = {"state": "refused", "message": f"cannot be asked as a command: {error}"}
                continue
            done = self._run(path, ())
            said = _ERROR.search(done.stderr)
            state = "refused" if done.returncode != _TRAPPED else "instantiated"
            found[name] = {"state": state, "message": _text(said) if said else ""} if done.returncode else _EXECUTED
        return found

    def compile(self, wasm: bytes) -> bytes:
        return wasm

    def imports(self, code: bytes) -> list[tuple[str, str]]:  # noqa: ARG002 (asked before it is instantiated)
        return []

    def store(self) -> Store:
        return _NoStore()

    def shared_memory(self, minimum: int, maximum: int) -> Memory:  # noqa: ARG002
        self._no_memory()

    def memory(self, store: Store, minimum: int, maximum: int | None) -> Memory:  # noqa: ARG002
        self._no_memory()

    def _no_memory(self) -> NoReturn:
        raise EngineError("link", "Viceroy links its own host calls alone: it has no memory to import", "unsupported")

    def run_command(self, code: bytes, grant: Grant, scratch: Path) -> WasiOutcome:
        program, *arguments = grant.args or ("",)
        if grant.env:
            raise EngineError("wasi", "Viceroy sets FASTLY_… in the environment, and nothing else", "unsupported")
        if grant.stdin:
            raise EngineError("wasi", "Viceroy has no standard input to give", "unsupported")
        if grant.preopens:
            raise EngineError("wasi", "Fastly Compute has no file system: Viceroy preopens nothing", "unsupported")
        if not program or "/" in program:
            raise EngineError("wasi", f"Viceroy's argv[0] is the name of a file: not {program!r}", "unsupported")
        if _SENDS in code:
            raise EngineError(
                "wasi", "the command could send requests to anywhere, which it is not granted", "unsupported"
            )
        if _SPAWNS in code:
            raise EngineError("spawn", "Viceroy links its own host calls alone: it starts no threads", "unsupported")
        module = scratch / f"{program}.wasm"
        module.write_bytes(code)
        done = self._run(module, arguments)
        said = _ERROR.search(done.stderr)
        ended: Exception | None = None
        if done.returncode == _TRAPPED:
            ended = Trap((), _text(said) if said else "")  # its words do not tell which trap
        elif done.returncode < 0:
            raise EngineError("call", f"viceroy was ended by {signal.Signals(-done.returncode).name}")
        elif said:
            raise _refusal(_text(said))
        stderr = done.stderr[: said.start()] if said else done.stderr
        return WasiOutcome(None if ended else done.returncode, done.stdout, stderr, ended)

    def respond(self, code: bytes, request: Request) -> dict[str, Any]:
        """From the server of the module that was asked last, where it is the same: a server serves a whole session."""
        digest = hashlib.sha256(code).hexdigest()
        if self._served is None or self._served[0] != digest:
            if self._served is not None:
                self._served[1].close()
                self._served = None
            module = self._scratch / "handler.wasm"
            module.write_bytes(code)
            try:
                self._served = digest, Server(self._binary, module)
            except NotServed as error:
                said = _ERROR.search(str(error).encode())
                raise _refusal(_text(said) if said else str(error)) from error
        try:
            return self._served[1].respond(request)
        except EngineError:
            self._served[1].close()
            self._served = None  # the next request finds a new one
            raise

    def _run(self, module: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*guarded(signal.SIGKILL), str(self._binary), "run", str(module), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, cwd=module.parent, env={}, check=False,
        )  # fmt: skip


def _text(said: re.Match[bytes]) -> str:
    return said[1].decode(errors="replace").strip()


def _refusal(message: str) -> EngineError:
    if message.startswith("unknown import"):
        return EngineError("link", message)
    if "_start" in message or message.startswith("error while executing"):  # the latter: an exit code that it refuses
        return EngineError("call", message)
    return EngineError("compile", message)
