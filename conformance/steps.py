"""The short form of a script, as a person writes it: each step is a mapping, and one of its keys says what it does.

    {invoke: add, args: [i32 2, i32 3], returns: i32 5}     {write: 1024, data: {hex: de ad}}
    {get: counter, returns: i64 7}                          {read: $buffer+4, holds: "text"}
    {run: [sort, -n], stdin: "2\\n1\\n", prints: "1\\n2\\n"}   {pages: 2}

docs/your-own.md has them all. `written` turns steps into commands of PROTOCOL.md with their expectations.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from conformance.case import Script
from conformance.expect import CHECKS
from conformance.literals import LiteralError, literal
from modules.table import Module

__all__ = ["FORMS", "TRAPS", "Scene", "Step", "StepFault", "signature", "written"]

TRAPS = (
    "unreachable", "integer divide by zero", "integer overflow", "invalid conversion to integer",
    "out of bounds memory access", "out of bounds table access", "undefined element", "uninitialized element",
    "indirect call type mismatch", "call stack exhausted", "unaligned atomic", "expected shared memory",
    "null reference",
)  # fmt: skip
COMMANDS = (
    "module", "register", "memory", "action", "assert_return", "assert_trap", "assert_exhaustion", "assert_exception",
    "assert_invalid", "assert_malformed", "assert_unlinkable", "assert_uninstantiable", "write", "read", "pages",
    "spawn", "join", "wasi",
)  # fmt: skip
_ADDRESS = re.compile(r"\$([A-Za-z_]\w*)(?:\+([0-9]+))?")
_SIGNATURE = re.compile(r"func \((.*?)\) -> \((.*)\)")


class StepFault(ValueError):
    """A step cannot be carried out as written; `index` is its place in the script."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


# ---- the parts of steps


def _number_text(value: Any) -> Any:
    """YAML reads 5 and 1.5 as numbers: a value may be written without its type, which the signature has."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


Text = Annotated[str, BeforeValidator(_number_text)]
Values = Annotated[tuple[Text, ...], BeforeValidator(_listed)]


def _address(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return int(value)
    if isinstance(value, str) and (found := _ADDRESS.fullmatch(value)):
        return {"bound": found[1], "plus": int(found[2] or 0)}
    raise ValueError(f"{value!r} is no address: a number of bytes, or $name or $name+16 of a result bound before")


Address = Annotated[int | dict[str, Any], BeforeValidator(_address)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Data(_Part):
    """Bytes: of a text in UTF-8, hexadecimal digits, base64, or a file; exactly one of them."""

    text: str | None = None
    hex: str | None = None
    base64: str | None = None
    file: str | None = None

    @field_validator("hex")
    @classmethod
    def _hexadecimal(cls, value: str) -> str:
        try:
            bytes.fromhex(value)
        except ValueError:
            raise ValueError("pairs of hexadecimal digits are wanted") from None
        return value

    @field_validator("base64")
    @classmethod
    def _base64(cls, value: str) -> str:
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("this is not base64") from None
        return value

    @model_validator(mode="after")
    def _one(self) -> Data:
        if len(self.model_fields_set) != 1:
            raise ValueError("one of text, hex, base64, file is wanted")
        return self


def _as_data(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _as_stream(value: Any) -> Any:
    return value if isinstance(value, Mapping) and "matches" in value else _as_data(value)


class Matches(_Part):
    """A regular expression that the whole of a text must match."""

    matches: str

    @field_validator("matches")
    @classmethod
    def _expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return value


Bytes = Annotated[Data, BeforeValidator(_as_data)]
Stream = Annotated[
    Annotated[Matches, Tag("tag:matches")] | Annotated[Data, Tag("tag:data")],
    Discriminator(lambda value: "tag:matches" if isinstance(value, Mapping) and "matches" in value else "tag:data"),
    BeforeValidator(_as_stream),
]


def _guest(path: str) -> str:
    pure = PurePosixPath(path)
    if not pure.is_absolute() or ".." in pure.parts or len(pure.parts) < 2 or str(pure) != path.rstrip("/"):
        raise ValueError(f"{path!r}: a guest's path is absolute, such as /data/in.txt; its first folder is granted")
    return path


Guest = Annotated[str, BeforeValidator(_guest)]


class Grant(_Part):
    """What a WASI module may have: nothing but this."""

    env: dict[str, Text] = {}
    stdin: Bytes | None = None
    files: dict[Guest, Bytes | None] = {}

    @model_validator(mode="after")
    def _files_or_folders(self) -> Grant:
        for path, data in self.files.items():
            if (data is None) != path.endswith("/"):
                raise ValueError(f"{path}: a file has content, a folder a / at its end and none")
            if data is not None and len(PurePosixPath(path).parts) < 3:
                raise ValueError(f"{path}: a file is in a folder, which is granted: /data{path}")
        return self


class Region(_Part):
    address: Address
    size: int = Field(ge=0)


def _kinds(value: Any) -> Any:
    for kind in () if value is True else _listed(value):
        if kind not in TRAPS:
            near = get_close_matches(str(kind), TRAPS, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(TRAPS)}"
            raise ValueError(f"no such kind of trap: {kind!r}; {hint}")
    return value if value is True else _listed(value)


Kinds = Annotated[Literal[True] | tuple[str, ...], BeforeValidator(_kinds)]


# ---- the steps


class _Step(_Part):
    what: str | None = None
    """In a few words what is asked, for the evidence."""


class _Ending(_Step):
    """How a step ends; at most one of these."""

    traps: Kinds | None = None
    throws: Literal[True] | None = None
    exits: int | None = None
    refused: Literal["fetch", "compile", "link", "instantiate", "call", "memory", "wasi", "spawn"] | None = None

    @model_validator(mode="after")
    def _one_ending(self) -> _Ending:
        given = [key for key in ("returns", "traps", "throws", "exits", "refused") if key in self.model_fields_set]
        if len(given) > 1:
            raise ValueError(f"a step ends in one way, not with {' and '.join(given)}")
        return self

    @property
    def ending(self) -> dict[str, Any]:
        if self.traps is True:
            return {"failure": [{"trap": True}]}
        if self.traps is not None:
            return {"trap": list(self.traps)}
        if self.throws:
            return {"failure": [{"exception": True}]}
        if self.exits is not None:
            return {"failure": [{"exit": self.exits}]}
        return {"error": self.refused} if self.refused else {}


class Invoke(_Ending):
    """Calls an export. `repeat` calls it so many times, for its time."""

    invoke: str
    args: Values = ()
    returns: Values | None = None
    module: str | None = None
    bind: str | None = Field(default=None, pattern=r"^[A-Za-z_]\w*$")
    repeat: int | None = Field(default=None, ge=1, le=1_000_000)


class Get(_Step):
    """The value of an exported global."""

    get: str
    returns: Values | None = None
    module: str | None = None
    bind: str | None = Field(default=None, pattern=r"^[A-Za-z_]\w*$")


class Write(_Step):
    write: Address
    data: Bytes


class Read(_Step):
    """What linear memory holds at an address."""

    read: Address
    holds: Bytes


class Pages(_Step):
    """The size of linear memory, in pages of 64 KiB."""

    pages: int


class Memory(_Step):
    """A memory made by the host, imported as `module.name`."""

    memory: str = Field(pattern=r"^[^.]+\..+$")
    minimum: int = Field(default=1, ge=0)
    maximum: int | None = Field(default=None, ge=0)
    shared: bool = False


class Instantiate(_Ending):
    """An instance of a module, of the case's own without a name; `as` names it for later steps."""

    module: str | None
    as_: str | None = Field(default=None, alias="as")
    wasi: Grant | None = None


class Register(_Step):
    """The exports of the module that was named by `as` (or of the current one) become imports."""

    register_: str = Field(alias="register")
    module: str | None = None


class Spawn(_Step):
    """Threads, each with an instance of its own on the same shared memory."""

    spawn: str
    workers: int = Field(ge=1, le=1024)
    arg: Text = "i32 0"
    stack: Region | None = None
    tls: Region | None = None


class Join(_Step):
    """Waits for the threads; one value that all of them return, or one each."""

    join: Values | None


class Run(_Step, Grant):
    """Runs a WASI program with these arguments."""

    run: tuple[Text, ...]
    module: str | None = None
    exits: int | None = None
    traps: Kinds | None = None
    prints: Stream | None = None
    stderr: Stream | None = None
    leaves: dict[Guest, Bytes | None] = {}


class Raw(BaseModel):
    """A command of PROTOCOL.md as it is, with the `expect` of conformance/case.py."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str
    expect: dict[str, Any] = {}

    @field_validator("type")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in COMMANDS:
            near = get_close_matches(value, COMMANDS, 1, 0.5)
            raise ValueError(f"no such command: {value!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return value

    @field_validator("expect")
    @classmethod
    def _checked(cls, value: dict[str, Any]) -> dict[str, Any]:
        if len(set(value) & set(CHECKS)) != 1:
            raise ValueError(f"one of these keys is wanted: {', '.join(CHECKS)}")
        return value


FORMS: dict[str, type[BaseModel]] = {
    "invoke": Invoke, "get": Get, "write": Write, "read": Read, "pages": Pages, "memory": Memory, "spawn": Spawn,
    "join": Join, "run": Run, "register": Register, "type": Raw, "module": Instantiate,
}  # fmt: skip
"""By the key that says what a step does; `module` is last, since others have it, too."""


def _form(value: Any) -> str | None:
    keys = value if isinstance(value, Mapping) else ()
    return next((f"tag:{form}" for form in FORMS if form in keys), None)


_STEPS = Discriminator(
    _form,
    custom_error_type="step",
    custom_error_message=f"a step has one of these keys, which says what it does: {', '.join(FORMS)}",
)
Step = Annotated[
    Annotated[Invoke, Tag("tag:invoke")] | Annotated[Get, Tag("tag:get")] | Annotated[Write, Tag("tag:write")]
    | Annotated[Read, Tag("tag:read")] | Annotated[Pages, Tag("tag:pages")] | Annotated[Memory, Tag("tag:memory")]
    | Annotated[Instantiate, Tag("tag:module")] | Annotated[Register, Tag("tag:register")]
    | Annotated[Spawn, Tag("tag:spawn")] | Annotated[Join, Tag("tag:join")] | Annotated[Run, Tag("tag:run")]
    | Annotated[Raw, Tag("tag:type")],
    _STEPS,
]  # fmt: skip


# ---- their commands


@dataclass
class Scene:
    """What steps speak of: the module under test (None without one), all modules by name, the user's files."""

    module: Module | None
    modules: Mapping[str, Module]
    read: Callable[[str], bytes]


def signature(line: str) -> tuple[list[str], list[str]] | None:
    """Types of parameters and results in a line of `modules.binary`: `func (i32 i64) -> (f64)`; None of all else."""
    found = _SIGNATURE.fullmatch(line)
    return (_types(found[1]), _types(found[2])) if found else None


def _types(text: str) -> list[str]:
    # A reference to a type of the module's own is written in several words.
    return re.findall(r"ref null \S+|ref \S+|\S+", text)


def written(steps: Sequence[Step], scene: Scene) -> Script:
    """The script. The module under test is instantiated before the first step that needs it, unless a step does so.

    Errors: StepFault.
    """
    writer = _Writer(scene)
    implicit = not any(
        isinstance(step, Instantiate) or (isinstance(step, Raw) and step.type == "module") for step in steps
    )
    for index, step in enumerate(steps):
        try:
            if implicit and not isinstance(step, Memory | Run | Raw):
                writer.instantiate(Instantiate(module=None))
                implicit = False
            writer.step(step)
        except (LiteralError, ValueError) as error:
            raise StepFault(index, str(error)) from error
    return writer.commands


class _Writer:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._current = scene.module
        self._named: dict[str, Module] = {}
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
        write[type(step)](step)

    # Modules

    def _module(self, name: str | None) -> Module:
        if name is None:
            if self._scene.module is None:
                raise ValueError("the case has no module of its own: name one in `module`")
            return self._scene.module
        if name not in self._scene.modules:
            raise ValueError(f"no such module: {name!r}{_hint(name, self._scene.modules)}")
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
        if module.abi == "wasi-reactor" and not step.ending:
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
            raise ValueError(f"no module was named {name!r} by `as`{_hint(name, self._named)}")
        return self._named[name]

    # Calls

    def _signature(self, module: Module, field: str) -> tuple[list[str], list[str]]:
        line = module.exports.get(field)
        if line is None:
            raise ValueError(f"{module.id} exports no {field!r}{_hint(field, module.exports)}")
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
            raise ValueError(f"{module.id} exports no global {step.get!r}{_hint(step.get, known)}")
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
        _, results = self._signature(self._instance(None), step.spawn)
        self._spawned = step.spawn, step.workers, results
        command: dict[str, Any] = {
            "type": "spawn", "workers": step.workers, "field": step.spawn, "arg": literal(step.arg, "i32"),
        }  # fmt: skip
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
            self._add(command, _Ending(traps=step.traps).ending, step.what)
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


def _hint(word: str, known: Any) -> str:
    near = get_close_matches(word, list(known), 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(known)}" if known else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
