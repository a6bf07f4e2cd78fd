"""matrix.yaml: what the user edits, validated. Each error says file, line, key and what was perhaps meant."""

from __future__ import annotations

import difflib
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from conformance.causes import STATUSES, is_cause
from headers_server.profiles import shipped
from runners.targets import RUNTIMES, UnknownTarget, parse_target

__all__ = ["ConfigError", "Expectation", "MatrixConfig", "default_matrix", "load_config"]


class ConfigError(Exception):
    """matrix.yaml cannot be used; one line: file, line, key, what is wrong, what to do."""


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Patterns = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(_Strict):
    """What is known of cells that do not pass: patterns (`*`, `?`, `[…]`) that choose them, how they end and why."""

    case: Patterns = ("*",)
    language: Patterns = ("*",)
    target: Patterns = ("*",)
    profile: Patterns = ("*",)
    status: Literal["fail", "crash", "timeout", "unsupported", "blocked"]
    cause: str | None = None
    intermittent: bool = False
    """It may pass, too: what depends on timing."""
    reason: str = Field(min_length=1)
    link: str | None = None
    line: int = Field(default=0, exclude=True)

    @field_validator("cause")
    @classmethod
    def _known_cause(cls, value: str | None) -> str | None:
        if value is not None and not is_cause(value) and not value.endswith("*"):
            raise ValueError(f"no such cause: {value!r}")
        return value

    def chooses(self, case: str, language: str, target: str, profile: str | None) -> bool:
        """Whether a cell is meant. A pattern for the profile other than `*` means browsers alone."""
        pairs = ((self.case, case), (self.language, language), (self.target, target), (self.profile, profile or ""))
        return all(any(fnmatchcase(text, pattern) for pattern in patterns) for patterns, text in pairs)

    def fits(self, status: str, cause: str | None) -> bool:
        return status == self.status and (self.cause is None or fnmatchcase(cause or "", self.cause))


class MatrixConfig(_Strict):
    """The whole file. `memory_limit` is in MiB a runner process; `deadline` in seconds replaces the cases' own."""

    targets: tuple[str, ...] = Field(min_length=1)
    profiles: tuple[str, ...] = ("none", "isolated")
    cases: Patterns = ("*",)
    languages: Patterns = ("*",)
    deadline: float | None = Field(default=None, gt=0, le=3600)
    memory_limit: int = Field(default=2048, ge=64, le=65536)
    expectations: tuple[Expectation, ...] = ()

    @field_validator("profiles")
    @classmethod
    def _known_profiles(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for index, name in enumerate(names):
            if name not in shipped():
                raise _At(index, f"unknown profile {name!r}{_meant(name, list(shipped()))}")
        return names

    @field_validator("targets")
    @classmethod
    def _known_targets(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for index, name in enumerate(names):
            if name in RUNTIMES and RUNTIMES[name].is_browser:
                continue
            try:
                parse_target(name, list(shipped()))
            except UnknownTarget as error:
                raise _At(index, str(error)) from error
        return names

    def target_names(self) -> list[str]:
        """The targets in order; a browser without a profile stands for itself under each of `profiles`."""
        names: list[str] = []
        for name in self.targets:
            bare = name in RUNTIMES and RUNTIMES[name].is_browser
            names += [f"{name}+{profile}" for profile in self.profiles] if bare else [name]
        return list(dict.fromkeys(names))


class _At(ValueError):
    """An error at one item of a list."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


def load_config(path: Path) -> MatrixConfig:
    """Reads and validates a matrix.yaml. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    try:
        data = YAML(typ="rt").load(StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not YAML: {error.problem}") from error
    except YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    if not isinstance(data, CommentedMap):
        raise ConfigError(f"{path}:1: a mapping is wanted, with the key `targets` at least")
    for index, entry in enumerate(data.get("expectations") or ()):
        if isinstance(entry, CommentedMap) and "line" not in entry:
            entry["line"] = data["expectations"].lc.item(index)[0] + 1
    try:
        return MatrixConfig.model_validate(data)
    except ValidationError as error:
        raise ConfigError("\n".join(_describe(path, data, problem) for problem in error.errors())) from error


def default_matrix() -> Path:
    """The matrix.yaml to use: the one in the working folder, else the one that comes with the suite."""
    here = Path("matrix.yaml")
    if here.is_file():
        return here
    packaged = Path(__file__).with_name("matrix.yaml")
    return packaged if packaged.is_file() else Path(__file__).parent.parent / "matrix.yaml"


def _describe(path: Path, data: CommentedMap, problem: Any) -> str:
    location = [part for part in problem["loc"] if not (isinstance(part, str) and part.startswith("function-"))]
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, _At):
        location.append(cause.index)
    message = problem["msg"].removeprefix("Value error, ")
    key = ".".join(str(part) for part in location)
    if problem["type"] == "extra_forbidden":
        model: type[BaseModel] = Expectation if location[0] == "expectations" else MatrixConfig
        message = f"unknown key{_meant(str(location[-1]), list(model.model_fields))}"
    elif problem["type"] == "missing":
        message = "this key is required"
    elif problem["type"] == "literal_error":
        message = f"must be one of {problem['ctx']['expected']}{_meant(str(problem['input']), list(STATUSES))}"
    return f"{path}:{_line(data, location)}: {key}: {message}"


def _line(data: Any, location: list[Any]) -> int:
    """The line (from 1) of the deepest part of `location` that is in the file."""
    line, node = 0, data
    for part in location:
        try:
            if isinstance(node, CommentedMap):
                line = node.lc.key(part)[0]
            elif isinstance(node, CommentedSeq):
                line = node.lc.item(part)[0]
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line + 1


def _meant(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
