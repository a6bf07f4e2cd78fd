"""Every case, asked of every language: its script is one that PROTOCOL.md allows, and says what must come out."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from conformance.case import Case, Expect, Script
from conformance.cases import CASES
from modules.table import Module

ABI = {
    "wasi": "wasi-command",
    "wasi-threads": "wasi-threads",
    "threads": "threads",
    "atomics": "threads",
    "emscripten": "emscripten",
    "wasm-bindgen": "wasm-bindgen",
}
"""By the first part of a case's id, where it is the same in all languages."""
LANGUAGES = {
    "rust": "core",
    "go": "wasi-reactor",
    "assemblyscript": "core",
    "emscripten": "wasi-reactor",
    "c": "wasi-threads",
    "text": "core",
}
JOBS = {
    *("sha256", "nbody", "image", "matmul", "sort", "json", "text", "numeric", "memory", "traps", "wasi"),
    *("counter", "barrier", "mutex", "reduce"),
    *("condition", "semaphore", "rwlock", "once", "spinlock", "spsc", "mpmc", "stealing"),
    *("sort-bands", "mandelbrot", "matmul-bands"),
    *("stacks", "locals", "late"),
    "shared-nothing",
}
TRAPS = {
    *("unreachable", "integer divide by zero", "integer overflow", "invalid conversion to integer"),
    *("out of bounds memory access", "out of bounds table access", "undefined element", "uninitialized element"),
    *(
        "indirect call type mismatch",
        "call stack exhausted",
        "unaligned atomic",
        "expected shared memory",
        "null reference",
    ),
}


# ---- the commands of PROTOCOL.md, as conformance/case.py writes them


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)


class Number(Strict):
    type: Literal["i32", "i64", "f32", "f64"]
    value: str = Field(pattern=r"^(0|[1-9]\d*)$")

    def model_post_init(self, _context: object) -> None:
        assert int(self.value) < 1 << int(self.type[1:]), f"{self.value} does not fit {self.type}"


class BoundAddress(Strict):
    bound: str
    plus: int = 0


class BoundValue(BoundAddress):
    type: Literal["i32"]


class Action(Strict):
    type: Literal["invoke"]
    field: str
    args: list[BoundValue | Number]


class Command(Strict):
    expect: dict[str, Any] | None = None


Address = Annotated[int, Field(ge=0)] | BoundAddress
Target = Literal["$module", "wat-shared", "wat-caller", "wat-caller-memory"]


class Instantiate(Command):
    type: Literal["module"]
    module: Target
    name: str | None = None
    via: Literal["streaming", "streaming-wrong-mime"] | None = None


class Register(Command):
    type: Literal["register"]
    as_: str = Field(alias="as")


class Call(Command):
    type: Literal["action"]
    action: Action
    results: list[Literal["i32", "i64", "f32", "f64"]]
    bind: str | None = None


class Write(Command):
    type: Literal["write"]
    address: Address
    data: bytes = Field(min_length=1)


class Read(Command):
    type: Literal["read"]
    address: Address
    length: int = Field(gt=0)


class Pages(Command):
    type: Literal["pages"]


class HostMemory(Command):
    type: Literal["memory"]
    as_: list[str] = Field(alias="as", min_length=2, max_length=2)
    minimum: int
    maximum: int
    shared: Literal[True]


class Region(Strict):
    address: Annotated[int, Field(multiple_of=16)]
    size: Annotated[int, Field(multiple_of=16, gt=0)]


class Spawn(Command):
    type: Literal["spawn"]
    name: str | None = None
    workers: int = Field(gt=0)
    field: str | None = None
    arg: Number | None = None
    stack: Region | None = None
    tls: Region | None = None
    atomics: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _calls_one_thing(self) -> Spawn:
        """A module's function with its argument, or one of JavaScript's Atomics with nothing of that."""
        given = [each is not None for each in (self.field, self.arg)]
        assert not any(given) if self.atomics else all(given)
        return self


class Join(Command):
    type: Literal["join"]


class MainThread(Command):
    type: Literal["main-thread"]


class View(Command):
    type: Literal["view"]
    name: str
    element: str | None = Field(None, pattern="^[A-Z][A-Za-z0-9]+Array$")


class Atomics(Command):
    type: Literal["atomics"]
    function: str
    view: str
    index: int = Field(ge=0)
    args: list[Number]
    timeout: int | None = None
    repeat: int | None = None
    total: int | None = None
    bind: str | None = None


class Await(Command):
    type: Literal["await"]
    name: str


class Entry(Strict):
    path: str = Field(pattern=r"^[^/]")
    data: bytes | None = None
    directory: Literal[True] | None = None
    symlink: str | None = None

    def model_post_init(self, _context: object) -> None:
        assert len(self.model_fields_set) == 2, "an entry is a file, a folder or a link"


class Preopen(Strict):
    guest: str = Field(pattern="^/")
    entries: list[Entry]


class Wasi(Command):
    type: Literal["wasi"]
    module: Target
    args: list[str] = Field(min_length=1)
    env: dict[str, str]
    stdin: bytes
    preopens: list[Preopen]
    collect: list[str]


class Request(Command):
    type: Literal["request"]
    module: Target
    method: Literal["GET", "POST", "PUT", "DELETE"]
    url: str = Field(pattern="^/")
    headers: dict[str, str]
    body: bytes | None = None


class Probe(Command):
    type: Literal["probe"]
    probe: str = Field(pattern=r"^[a-z-]+$")
    with_: dict[str, str | bool | list[dict[str, Any]]] = Field(alias="with")
    within: float = Field(gt=0)


class Program(Command):
    type: Literal["program"]
    module: Target
    args: list[str]
    in_: Literal["worker"] = Field("worker", alias="in")


COMMAND: TypeAdapter[Any] = TypeAdapter(
    Annotated[
        Instantiate
        | Call
        | Write
        | Read
        | Register
        | Pages
        | HostMemory
        | Spawn
        | Join
        | Wasi
        | Request
        | MainThread
        | View
        | Atomics
        | Await
        | Probe
        | Program,
        Field(discriminator="type"),
    ]
)
EXPECTS = {
    "module": {"error"},
    "action": {"values", "between", "same", "trap", "failure"},
    "read": {"bytes", "close", "jpeg", "outcomes"},
    "pages": {"pages", "same"},
    "join": {"workers"},
    "wasi": {"wasi", "trap"},
    "request": {"response"},
    "view": {"values"},
    "atomics": {"values", "string", "thrown"},
    "await": {"string"},
    "probe": {"standard"},
    "program": {"program"},
}
"""What may be expected of which command."""


# ---- the cases


def module_of(case: Case, language: str, variant: str = "single") -> Module:
    """A module that serves the case's job, as far as a script can tell."""
    abi = ABI.get(case.id.split("/")[0], LANGUAGES[language])
    if (abi, language) == ("threads", "go"):
        abi = "instances"
    return Module(
        id=language, language=language, variant=variant, label=language, abi=abi, jobs=(case.job,), features=(),
        sha256="0" * 64, size=8, path=Path("/module.wasm"), streaming=True, imports={},
        exports=dict.fromkeys(case.exports, "()"), memory=None,
    )  # fmt: skip


def scripts(case: Case) -> list[Script]:
    """The case's scripts for modules of all languages and variants that it is asked of, each different one once."""
    found: list[Script] = []
    for language in LANGUAGES:
        for variant in ("single", "simd"):
            module = module_of(case, language, variant)
            if case.asks(module) and (script := case.build(module)) not in found:
                found.append(script)
    return found


each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


@each_case
def test_its_script_is_valid(case: Case) -> None:
    """Known commands and keys, values that fit, names that are bound before, expectations that fit their command."""
    for script in scripts(case):
        bound: set[str] = set()
        for index, command in enumerate(script):
            COMMAND.validate_python(command)
            places = [command.get("address"), *command.get("action", {}).get("args", ())]
            used = {place["bound"] for place in places if isinstance(place, dict) and "bound" in place}
            assert used <= bound, f"command {index} uses {used - bound} before it is bound"
            bound |= {command["bind"]} if "bind" in command else set()
            check_expectation(index, command, len(script))


def check_expectation(index: int, command: dict[str, Any], total: int) -> None:
    expect = command.get("expect", {})
    keys = set(expect) - {"what", "lasts", "speedup", "speed", "means", "plus", "matches", "dtype", "width", "refusal"}
    assert len(keys) <= 1, f"command {index} expects several things: {keys}"
    assert keys <= EXPECTS.get(command["type"], set()), f"command {index}, {command['type']}, cannot give {keys}"
    if "bytes" in expect:
        assert len(expect["bytes"]) == command["length"]
    if "values" in expect and command["type"] == "action":
        assert len(expect["values"]) == len(command["results"])
    if "trap" in expect:
        assert expect["trap"] in TRAPS
    if "same" in expect:
        assert 0 <= expect["same"] < index
    if "jpeg" in expect:
        assert 0 <= expect["jpeg"]["length"] < index
    for key in expect.get("speedup", {}):
        assert 0 <= expect["speedup"][key] < total


@each_case
def test_it_cannot_pass_by_doing_nothing(case: Case) -> None:
    """A runtime that answers everything with zeros and ends nothing must not pass."""
    for script in scripts(case):
        assert any(map(is_strong, (command.get("expect", {}) for command in script)))


def is_strong(expect: Expect) -> bool:
    if "bytes" in expect:
        return any(expect["bytes"])
    if "values" in expect:
        return any(value.get("value") != "0" for value in expect["values"])
    strong = {
        "trap",
        "failure",
        "error",
        "close",
        "jpeg",
        "wasi",
        "program",
        "response",
        "workers",
        "between",
        "string",
        "thrown",
    }
    return bool(set(expect) & {*strong, "standard"})


@each_case
def test_it_is_a_pure_function_and_fast(case: Case) -> None:
    """Equal modules give equal scripts; once its oracle is cached, a script is built in well under a second of CPU."""
    language = case.languages[0] if case.languages else "rust"
    first = case.build(module_of(case, language))
    began = time.process_time()
    second = case.build(module_of(case, language))
    assert time.process_time() - began < 1.0
    assert first == second
    assert first is not second, "a script that is handed out twice can be changed by who gets it"


def test_ids_are_unique_and_readable() -> None:
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids)
    for case in CASES:
        assert case.id.isascii()
        assert case.id == case.id.lower()
        assert not set(case.id) & set(" []@*?"), case.id
        assert case.title


def test_every_job_is_asked() -> None:
    assert {case.job for case in CASES} >= JOBS


def test_what_the_issue_lists_is_there() -> None:
    """The rows of the issue's table, by the cases that ask for them."""
    ids = {case.id for case in CASES}
    assert {f"sha256/{name}" for name in ("empty", "1-byte", "block-borders", "8-mib")} <= ids
    assert {f"matmul/{n}" for n in (1, 2, 3, 7, 16, 64, 100, 256)} <= ids
    assert {
        f"sort/{name}" for name in ("i32-1000000", "i64-100000", "equal", "sorted", "reversed", "few", "extremes")
    } <= ids
    assert {f"threads/{job}-{n}" for job in ("counter", "barrier", "mutex", "reduce") for n in (2, 4, 8)} <= ids
    assert {
        "traps/panic",
        "traps/recovered",
        "traps/uncaught-exception",
        "traps/stack-exhausted",
        "nbody/50000-steps",
    } <= ids
    refused = ("no-preopen", "dot-dot", "absolute", "symlink-absolute", "symlink-relative", "symlink-write")
    assert {f"wasi/refused-{name}" for name in refused} <= ids
    assert {"loading/streaming", "loading/wrong-mime-type"} <= ids


def test_a_case_is_not_asked_of_a_module_that_lacks_its_exports() -> None:
    jpeg = next(case for case in CASES if case.exports == ("resize_jpeg",))
    able = module_of(jpeg, "rust")
    assert jpeg.asks(able)
    assert not jpeg.asks(replace(able, exports={"resize": "()"}))
