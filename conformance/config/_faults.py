"""What pydantic finds wrong with a file, as `file:line: key: what; did you mean …?`, one line a fault."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from conformance.causes import STATUSES
from conformance.config._expectation import Expectation
from conformance.config._matrix import MatrixConfig
from conformance.config._own import OwnCase, OwnModule, OwnTarget
from conformance.config._part import At
from conformance.steps import FORMS, Data, Grant, Matches, Region
from headers_server.lines import line_of
from headers_server.suggestions import meant

__all__ = ["ConfigError", "faults"]


class ConfigError(Exception):
    """matrix.yaml cannot be used; one line: file, line, key, what is wrong, what to do."""


_MODELS: dict[str, type[BaseModel]] = {
    "tag:own-target": OwnTarget, "tag:own-case": OwnCase, "tag:matches": Matches, "tag:data": Data, "wasi": Grant,
    "stack": Region, "tls": Region, "data": Data, "holds": Data, "stdin": Data,
    **{f"tag:{form}": model for form, model in FORMS.items()},
}  # fmt: skip
"""What is at a part of a location, for the keys that were perhaps meant."""


_WANTED = {
    "tuple": "a list", "string": "a text", "model": "a mapping", "dict": "a mapping", "int": "a whole number",
    "float": "a number", "bool": "true or false",
}  # fmt: skip
"""In place of what pydantic calls it, by the first word of its type of an error."""


def faults(path: Path, data: Any, error: ValidationError) -> str:
    """One line a fault. A list that is empty only because of its faulty items is none."""
    problems = [one for one in error.errors() if not (one["type"] == "too_short" and one["input"])]
    return "\n".join(_describe(path, data, problem) for problem in problems)


def _describe(path: Path, data: Any, problem: Any) -> str:
    parts: list[Any] = list(problem["loc"])
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, At):
        parts += cause.place
    location = [part for part in parts if not (isinstance(part, str) and _is_ours(part))]
    message = problem["msg"].removeprefix("Value error, ")
    key = ".".join(str(part) for part in location)
    if problem["type"] == "extra_forbidden":
        message = f"unknown key{meant(str(location[-1]), _keys(parts), 'known')}"
    elif problem["type"] == "step" and isinstance(problem["input"], Mapping):
        message += next(filter(None, (meant(str(key), FORMS, cutoff=0.6) for key in problem["input"])), "")
    elif problem["type"] == "missing":
        message = "this key is required"
    elif problem["type"] in ("too_short", "string_too_short"):
        message = "at least one is wanted" if problem["type"] == "too_short" else "a text is wanted that is not empty"
    elif wanted := _WANTED.get(problem["type"].partition("_")[0]):
        message = f"{wanted} is wanted"
    elif problem["type"] == "literal_error":
        known = STATUSES if location[-1] == "status" else re.findall(r"'([^']*)'", problem["ctx"]["expected"])
        message = f"must be one of {problem['ctx']['expected']}{meant(str(problem['input']), known)}"
        if location[-1] == "status" and problem["input"] == "flaky":
            message = "give the status with which it fails, and `intermittent: true`"
    return f"{path}:{line_of(data, location)}: {key}: {' '.join(message.split())}"


def _is_ours(part: str) -> bool:
    """Whether pydantic or a tag of ours put this into a location, which the file does not have."""
    return part.startswith(("function-", "tag:")) or part == "[key]"


def _keys(parts: Sequence[Any]) -> list[str]:
    """The keys that a mapping of the file may have, at this location."""
    outer = list(parts[:-1])
    model: type[BaseModel] = MatrixConfig
    if outer and outer[0] == "expectations":
        model = Expectation
    elif len(outer) == 2 and outer[0] == "modules":
        model = OwnModule
    else:
        model = next((_MODELS[part] for part in reversed(outer) if part in _MODELS), model)
    return [field.alias or name for name, field in model.model_fields.items() if name != "line"]
