"""The short form of a script, as a person writes it: each step is a mapping, and one of its keys says what it does.

    {invoke: add, args: [i32 2, i32 3], returns: i32 5}     {write: 1024, data: {hex: de ad}}
    {get: counter, returns: i64 7}                          {read: $buffer+4, holds: "text"}
    {run: [sort, -n], stdin: "2\\n1\\n", prints: "1\\n2\\n"}   {pages: 2}

docs/your-own.md has them all; conformance/scene.py turns them into a script.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from conformance.expect import CHECKS
from headers_server.suggestions import meant

__all__ = [
    "FORMS", "TRAPS", "Data", "Ending", "Get", "Grant", "Instantiate", "Invoke", "Join", "Matches", "Memory", "Pages",
    "Raw", "Read", "Region", "Register", "Run", "Spawn", "Step", "Write",
]  # fmt: skip

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
            raise ValueError(f"no such kind of trap: {kind!r}{meant(str(kind), TRAPS, 'known')}")
    return value if value is True else _listed(value)


Kinds = Annotated[Literal[True] | tuple[str, ...], BeforeValidator(_kinds)]


# ---- the steps


class _Step(_Part):
    what: str | None = None
    """In a few words what is asked, for the evidence."""


class Ending(_Step):
    """How a step ends; at most one of these."""

    traps: Kinds | None = None
    throws: Literal[True] | None = None
    exits: int | None = None
    refused: Literal["fetch", "compile", "link", "instantiate", "call", "memory", "wasi", "spawn"] | None = None

    @model_validator(mode="after")
    def _one_ending(self) -> Ending:
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


class Invoke(Ending):
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


class Instantiate(Ending):
    """An instance of a module, of the case's own without a name; `as` names it for later steps."""

    module: str | None
    as_: str | None = Field(default=None, alias="as")
    wasi: Grant | None = None


class Register(_Step):
    """The exports of the module that was named by `as` (or of the current one) become imports."""

    register_: str = Field(alias="register")
    module: str | None = None


class Spawn(_Step):
    """Threads on the same shared memories, each with instances of its own: of what is registered, and of `module`."""

    spawn: str
    module: str | None = None
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
            raise ValueError(f"no such command: {value!r}{meant(value, COMMANDS)}")
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
