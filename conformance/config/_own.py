"""What is the user's own: targets, modules and cases."""

from __future__ import annotations

import re
import shlex
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator

from conformance.config._part import At, Part, Patterns
from conformance.steps import Step
from headers_server.profiles import shipped
from headers_server.suggestions import meant
from modules.table import Language
from runners.features import load as load_probes
from runners.targets import RUNTIMES, UnknownTarget, parse_target

__all__ = ["OwnCase", "OwnModule", "OwnTarget"]


def _words(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise ValueError(f"not a command line: {error}") from error


class OwnTarget(Part):
    """A runner of the user's own, by its command line: any program that speaks runners/PROTOCOL.md.

    It is started in the folder of matrix.yaml.
    """

    name: str
    command: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field(min_length=1)

    @field_validator("name")
    @classmethod
    def _is_new(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", value):
            raise ValueError(f"{value!r} is no name of a target: letters, digits and . _ + - are")
        taken = value in RUNTIMES
        try:
            parse_target(value, list(shipped()))
            taken = True
        except UnknownTarget:
            pass
        if taken:
            raise ValueError(f"the suite has a target {value!r} of its own; choose another name")
        return value


class OwnModule(Part):
    """A compiled module of the user's own. `features` (names of runners/features.json): without, read from it."""

    path: str
    language: str = "own"
    features: tuple[str, ...] | None = None

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in (known := [*get_args(Language), "own"]):
            raise ValueError(f"unknown language {value!r}{meant(value, known, 'known')}")
        return value

    @field_validator("features")
    @classmethod
    def _known_features(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for index, name in enumerate(names or ()):
            if name not in load_probes():
                raise At(index, f"unknown feature {name!r}{meant(name, load_probes(), 'known')}")
        return names


class OwnCase(Part):
    """A case of the user's own: steps in their short form, or the name of a file that wast2json wrote.

    `module` is a name under `modules`, or several: the same question for each. `targets` limits it, by pattern;
    `repeats`: how often it is asked, where the answer depends on timing.
    """

    id: str
    title: str = ""
    module: Patterns = ()
    script: Annotated[
        Annotated[str, Tag("tag:file")] | Annotated[tuple[Step, ...], Tag("tag:steps")],
        Discriminator(
            lambda value: {str: "tag:file", list: "tag:steps", tuple: "tag:steps"}.get(_plain(value)),
            custom_error_type="script",
            custom_error_message="a list of steps is wanted, or the name of a file that wast2json wrote",
        ),
    ]
    deadline: float = Field(default=30.0, gt=0, le=3600)
    features: tuple[str, ...] = ()
    targets: Patterns = ("*",)
    repeats: int = Field(default=1, ge=1, le=10000)

    @field_validator("script")
    @classmethod
    def _asks_something(cls, value: str | tuple[Step, ...]) -> str | tuple[Step, ...]:
        if not value:
            raise ValueError("a case asks at least one thing")
        return value

    @field_validator("id")
    @classmethod
    def _two_parts(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._/-]+", value):
            raise ValueError(f"{value!r} is no id: two parts are wanted, such as adder/adds, of letters, digits, . _ -")
        return value


def _plain(value: Any) -> type | None:
    return next((kind for kind in (str, list, tuple) if isinstance(value, kind)), None)
