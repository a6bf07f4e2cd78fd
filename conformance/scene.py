"""Steps in their short form turned into a script: commands of PROTOCOL.md with their expectations."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel

from conformance.case import Script
from conformance.literals import literal
from conformance.steps import (
    Data,
    Ending,
    Get,
    Grant,
    Instantiate,
    Invoke,
    Join,
    Matches,
    Memory,
    Pages,
    Raw,
    Read,
    Register,
    Run,
    Spawn,
    Step,
    Write,
)
from headers_server.suggestions import meant
from modules.binary import signature
from modules.table import SHARED, Module

__all__ = ["Scene", "StepFault", "written"]

_PROGRAM = "program"


class StepFault(ValueError):
    """A step cannot be carried out as written; `index` is its place in the script."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


@dataclass
class Scene:
    """What steps speak of: the module under test (None without one), all modules by name, the user's files."""

    module: Module | None
    modules: Mapping[str, Module]
    read: Callable[[str], bytes]


def written(steps: Sequence[Step], scene: Scene) -> Script:
    """The script. The module under test is instantiated before the first step that needs it, unless a step does so;
    without steps that is all.

    Errors: StepFault.
    """
    writer = _Writer(scene)
    implicit = not any(
        isinstance(step, Instantiate) or (isinstance(step, Raw) and step.type == "module") for step in steps
    )
    for index, step in enumerate(steps):
        try:
            if implicit and _needs_instance(step):
                writer.instance()
                implicit = False
            writer.step(step)
        except ValueError as error:
            raise StepFault(index, str(error)) from error
    if not steps:
        writer.instance()
    return writer.commands


def _needs_instance(step: Step) -> bool:
    return not (isinstance(step, Memory | Run) or (isinstance(step, Raw) and step.type in ("memory", "wasi")))


class _Writer:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._current = scene.module
        self._named: dict[str, Module] = {}
        self._called: str | None = None
        self._spawned: tuple[str, int, list[str]] | None = None
        self.commands: Script = []

    def _add(self, command: dict[str, Any], expect: Mapping[str, Any], what: str | None) -> None:
        if what and expect:
            expect = {**expect, "what": what}
        self.commands.append({**command, "expect": dict(expect)} if expect else command)

    def step(self, step: Any) -> None:
        write: dict[type[BaseModel], Callable[[Any], None]] = {
            Invoke: self.invoke, Get: self.get, Write: self.write, Read: self.read, Pages: self.pages,
            Memory: self.memory, Instantiate: self.instantiate, Register: self.register, Spawn: self.spawn,
            Join: self.join, Run: self.run, Raw: self.raw,
        }  # fmt: skip
        if self._called and isinstance(step, Invoke | Get | Spawn) and step.module is None:
            step = step.model_copy(update={"module": self._called})
        write[type(step)](step)

    # Modules

    def instance(self) -> None:
        """The module under test, where no step instantiates it.

        One of the ABI `instances` stands on the module by which it reaches the shared memory. That is the current one,
        so that steps read and write there; what they call and spawn is the module under test.
        """
        if self._module(None).abi != "instances":
            self.instantiate(Instantiate(module=None))
            return
        self.instantiate(Instantiate(module=SHARED))
        self.register(Register(register="shared"))
        self.instantiate(Instantiate.model_validate({"module": None, "as": _PROGRAM}))
        self.instantiate(Instantiate(module=SHARED))
        self._called = _PROGRAM

    def _module(self, name: str | None) -> Module:
        if name is None:
            if self._scene.module is None:
                raise ValueError("the case has no module of its own: name one in `module`")
            return self._scene.module
        if name not in self._scene.modules:
            raise ValueError(f"no such module: {name!r}{meant(name, self._scene.modules, 'there are')}")
        return self._scene.modules[name]

    def instantiate(self, step: Instantiate) -> None:
        module = self._module(step.module)
        self._current = module
        command: dict[str, Any] = {"type": "module", "module": module.id}
        if step.as_:
            self._named[step.as_] = module
            command["name"] = step.as_
        if step.wasi:
            command["wasi"] = {"args": [module.id], **self._grant(step.wasi)}
        self._add(command, step.ending, step.what)
        # A reactor's `_initialize` comes before all else (WASI's application ABI).
        if module.abi in ("wasi-reactor", "instances") and "_initialize" in module.exports and not step.ending:
            self.invoke(Invoke(invoke="_initialize"))

    def register(self, step: Register) -> None:
        command: dict[str, Any] = {"type": "register", "as": step.register_}
        if step.module:
            self._instance(step.module)
            command["name"] = step.module
        self._add(command, {}, None)

    def _instance(self, name: str | None) -> Module:
        """The module of an instance that the script has made: the current one, or one that was named by `as`."""
        if name is None:
            if self._current is None:
                raise ValueError("there is no module yet: a step {module: NAME} instantiates one")
            return self._current
        if name not in self._named:
            raise ValueError(f"no module was named {name!r} by `as`{meant(name, self._named, 'there are')}")
        return self._named[name]

    # Calls

    def _signature(self, module: Module, field: str) -> tuple[list[str], list[str]]:
        line = module.exports.get(field)
        if line is None:
            raise ValueError(f"{module.id} exports no {field!r}{meant(field, module.exports, 'there are')}")
        found = signature(line)
        if not found:
            raise ValueError(f"{field!r} of {module.id} is no function but a {line}")
        return found

    def invoke(self, step: Invoke) -> None:
        module = self._instance(step.module)
        params: Sequence[str | None]
        if step.refused and step.invoke not in module.exports:
            params, results = [None] * len(step.args), list[str]()
        else:
            params, results = self._signature(module, step.invoke)
            if len(step.args) != len(params):
                raise ValueError(f"{step.invoke} takes {_count(len(params), 'argument')}, not {len(step.args)}")
        arguments = [literal(text, type_) for text, type_ in zip(step.args, params, strict=True)]
        action: dict[str, Any] = {"type": "invoke", "field": step.invoke, "args": arguments}
        if step.module:
            action["module"] = step.module
        command: dict[str, Any] = {"type": "action", "action": action, "results": results}
        command |= {"bind": step.bind} if step.bind else {}
        command |= {"repeat": step.repeat} if step.repeat else {}
        self._add(command, step.ending or self._returns(step.invoke, step.returns, results), step.what)

    def _returns(self, name: str, wanted: Sequence[str] | None, types: Sequence[str]) -> dict[str, Any]:
        if wanted is None:
            return {}
        if len(wanted) != len(types):
            raise ValueError(f"{name} returns {_count(len(types), 'value')}, not {len(wanted)}")
        return {"values": [literal(text, type_, expected=True) for text, type_ in zip(wanted, types, strict=True)]}

    def get(self, step: Get) -> None:
        module = self._instance(step.module)
        line = module.exports.get(step.get)
        if line is None or not line.startswith("global "):
            known = [name for name, kind in module.exports.items() if kind.startswith("global ")]
            raise ValueError(f"{module.id} exports no global {step.get!r}{meant(step.get, known, 'there are')}")
        type_ = line.removeprefix("global ").removeprefix("mut ")
        action = {"type": "get", "field": step.get, **({"module": step.module} if step.module else {})}
        command = {"type": "action", "action": action, "results": [type_], **({"bind": step.bind} if step.bind else {})}
        self._add(command, self._returns(step.get, step.returns, [type_]), step.what)

    # Linear memory

    def data(self, data: Data) -> bytes:
        if data.text is not None:
            return data.text.encode()
        if data.hex is not None:
            return bytes.fromhex(data.hex)
        if data.base64 is not None:
            return base64.b64decode(data.base64)
        assert data.file is not None
        return self._scene.read(data.file)

    def write(self, step: Write) -> None:
        self._add({"type": "write", "address": step.write, "data": self.data(step.data)}, {}, None)

    def read(self, step: Read) -> None:
        content = self.data(step.holds)
        self._add({"type": "read", "address": step.read, "length": len(content)}, {"bytes": content}, step.what)

    def pages(self, step: Pages) -> None:
        self._add({"type": "pages"}, {"pages": step.pages}, step.what)

    def memory(self, step: Memory) -> None:
        if step.shared and step.maximum is None:
            raise ValueError("a shared memory has a maximum")
        names = step.memory.split(".", 1)
        limits = {"minimum": step.minimum, "maximum": step.maximum, "shared": step.shared}
        self._add({"type": "memory", "as": names, **limits}, {}, None)

    # Threads

    def spawn(self, step: Spawn) -> None:
        _, results = self._signature(self._instance(step.module), step.spawn)
        self._spawned = step.spawn, step.workers, results
        command: dict[str, Any] = {
            "type": "spawn", "workers": step.workers, "field": step.spawn, "arg": literal(step.arg, "i32"),
        }  # fmt: skip
        command |= {"name": step.module} if step.module else {}
        for key, region in (("stack", step.stack), ("tls", step.tls)):
            if region:
                command[key] = {"address": region.address, "size": region.size}
        self._add(command, {}, None)

    def join(self, step: Join) -> None:
        if self._spawned is None:
            raise ValueError("nothing was spawned that could be joined")
        (field, workers, types), self._spawned = self._spawned, None
        expect: dict[str, Any] = {}
        if step.join is not None:
            if len(step.join) not in (1, workers):
                raise ValueError(f"one value for all {workers} workers is wanted, or one each: not {len(step.join)}")
            values = [*step.join] * workers if len(step.join) == 1 else [*step.join]
            expect = {"workers": {"values": [self._returns(field, [one], types)["values"] for one in values]}}
        self._add({"type": "join"}, expect, step.what)

    # WASI

    def _grant(self, grant: Grant) -> dict[str, Any]:
        folders: dict[str, list[dict[str, Any]]] = {}
        for path, data in grant.files.items():
            _, top, *rest = PurePosixPath(path).parts
            entries = folders.setdefault(f"/{top}", [])
            if rest and data is None:
                entries.append({"path": "/".join(rest), "directory": True})
            elif rest and data is not None:
                entries.append({"path": "/".join(rest), "data": self.data(data)})
        given: dict[str, Any] = {
            "env": dict(grant.env),
            "preopens": [{"guest": guest, "entries": entries} for guest, entries in folders.items()],
        }
        return {**given, "stdin": self.data(grant.stdin)} if grant.stdin else given

    def _stream(self, wanted: Matches | Data) -> Any:
        return {"matches": wanted.matches} if isinstance(wanted, Matches) else self.data(wanted)

    def run(self, step: Run) -> None:
        module = self._module(step.module)
        if "_start" not in module.exports:
            raise ValueError(f"{module.id} is no WASI program: it exports no '_start'")
        command = {
            "type": "wasi", "module": module.id, "args": [f"{module.id}.wasm", *step.run],
            **self._grant(step), "collect": list(step.leaves),
        }  # fmt: skip
        if step.traps is not None:
            self._add(command, Ending(traps=step.traps).ending, step.what)
            return
        expect: dict[str, Any] = {"exit": step.exits or 0}
        expect |= {"stdout": self._stream(step.prints)} if step.prints else {}
        expect |= {"stderr": self._stream(step.stderr)} if step.stderr else {}
        if step.leaves:
            expect["files"] = {path: data and self.data(data) for path, data in step.leaves.items()}
        self._add(command, {"wasi": expect}, step.what)

    def raw(self, step: Raw) -> None:
        command = {**step.model_dump(exclude={"expect"})}
        if step.type in ("module", "wasi") and "sha256" not in command:
            name = command.get("module")
            module = self._module(None if name in (None, "$module") else str(name))
            command["module"] = module.id
            if step.type == "module":
                self._current = module
                if command.get("name"):
                    self._named[str(command["name"])] = module
        self._add(command, step.expect, None)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
