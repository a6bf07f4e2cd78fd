"""matrix.yaml: what the user edits, validated. Each error says file, line, key and what was perhaps meant."""

from __future__ import annotations

import difflib
import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    InstanceOf,
    PrivateAttr,
    Tag,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)  # fmt: skip
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from conformance.causes import STATUSES, is_cause
from conformance.steps import FORMS, Data, Grant, Matches, Region, Step
from headers_server.lines import line_of
from headers_server.profiles import Profile, ProfileError, parse, shipped
from modules.table import Language
from runners.features import load as load_probes
from runners.runtime import Own, Target
from runners.targets import RUNTIMES, UnknownTarget, parse_target

__all__ = [
    "ConfigError", "Expectation", "MatrixConfig", "OwnCase", "OwnModule", "OwnTarget", "default_matrix", "load_config",
    "load_steps",
]  # fmt: skip


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
    """It may pass, too, or now and then (`flaky`): what depends on timing."""
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


def _words(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise ValueError(f"not a command line: {error}") from error


class OwnTarget(_Strict):
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


class OwnModule(_Strict):
    """A compiled module of the user's own. `features` (names of runners/features.json): without, read from it."""

    path: str
    language: str = "own"
    features: tuple[str, ...] | None = None

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in (known := [*get_args(Language), "own"]):
            raise ValueError(f"unknown language {value!r}{_meant(value, known)}")
        return value

    @field_validator("features")
    @classmethod
    def _known_features(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for index, name in enumerate(names or ()):
            if name not in load_probes():
                raise _At(index, f"unknown feature {name!r}{_meant(name, list(load_probes()))}")
        return names


class OwnCase(_Strict):
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


def _is_mapping(tag: str) -> Discriminator:
    return Discriminator(lambda value: tag if isinstance(value, Mapping | BaseModel) else "tag:name")


_Named = Annotated[str, Tag("tag:name")]
_Targets = Annotated[_Named | Annotated[OwnTarget, Tag("tag:own-target")], _is_mapping("tag:own-target")]
_Cases = Annotated[_Named | Annotated[OwnCase, Tag("tag:own-case")], _is_mapping("tag:own-case")]


def _own_profile(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    try:
        return parse(value)
    except ProfileError as error:
        raise _At(error.place, error.message) from error


_Profiles = Annotated[str | InstanceOf[Profile], BeforeValidator(_own_profile)]


class MatrixConfig(_Strict):
    """The whole file. `memory_limit` is in MiB a runner process; `deadline` in seconds replaces the cases' own.

    `targets`, `profiles` and `cases` hold names and patterns of the suite's own, and mappings: those of the user.
    `folder` is where the file is.
    """

    profiles: tuple[_Profiles, ...] = ("none", "isolated")
    targets: tuple[_Targets, ...] = Field(min_length=1)
    modules: dict[str, OwnModule] = {}
    cases: Annotated[tuple[_Cases, ...], BeforeValidator(_as_tuple)] = ("*",)
    languages: Patterns = ("*",)
    deadline: float | None = Field(default=None, gt=0, le=3600)
    memory_limit: int = Field(default=2048, ge=64, le=65536)
    expectations: tuple[Expectation, ...] = ()
    _path: Path = PrivateAttr(default=Path("matrix.yaml"))
    _data: Any = PrivateAttr(default=None)

    @field_validator("profiles")
    @classmethod
    def _known_profiles(cls, profiles: tuple[str | Profile, ...]) -> tuple[str | Profile, ...]:
        names = Counter(_name_of(profile) for profile in profiles)
        for index, profile in enumerate(profiles):
            if names[_name_of(profile)] > 1:
                raise _At(index, f"two profiles are named {_name_of(profile)!r}")
            if isinstance(profile, Profile):
                if profile.name in shipped():
                    raise _At((index, "name"), f"the suite has a profile {profile.name!r} of its own")
            elif profile not in shipped():
                raise _At(index, f"unknown profile {profile!r}{_meant(profile, list(shipped()))}")
        return profiles

    @field_validator("targets")
    @classmethod
    def _known_targets(cls, targets: tuple[str | OwnTarget, ...], info: ValidationInfo) -> tuple[str | OwnTarget, ...]:
        profiles = [*shipped(), *map(_name_of, info.data.get("profiles", ()))]
        own = [target.name for target in targets if isinstance(target, OwnTarget)]
        for index, target in enumerate(targets):
            if isinstance(target, OwnTarget):
                if own.count(target.name) > 1:
                    raise _At(index, f"two targets are named {target.name!r}")
                continue
            if target in own:
                raise _At(index, f"the target {target!r} is in the list already, with its command")
            try:
                _targets_of(target, (), profiles)
            except UnknownTarget as error:
                raise _At(index, str(error)) from error
        return targets

    @field_validator("modules")
    @classmethod
    def _module_names(cls, modules: dict[str, OwnModule]) -> dict[str, OwnModule]:
        for name in modules:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
                raise _At(name, f"{name!r} is no name of a module: letters, digits, '.', '_' and '-' are")
        return modules

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        known = [*get_args(Language), "own"]
        for pattern in patterns:
            if not any(fnmatchcase(language, pattern) for language in known):
                raise ValueError(f"no language matches {pattern!r}{_meant(pattern, known)}")
        return patterns

    @model_validator(mode="after")
    def _whole(self) -> MatrixConfig:
        counts = Counter(case.id for case in self.own_cases)
        for index, case in enumerate(self.cases):
            if not isinstance(case, OwnCase):
                continue
            if counts[case.id] > 1:
                raise _At(("cases", index, "id"), f"two cases are named {case.id!r}")
            for name in case.module:
                if name not in self.modules:
                    raise _At(
                        ("cases", index, "module"),
                        f"no module {name!r} under `modules`{_meant(name, list(self.modules))}",
                    )
        return self

    def read_from(self, path: Path, data: Any) -> Self:
        """Remembers the file and its YAML, for `folder` and `at`."""
        self._path, self._data = path, data
        return self

    @property
    def patterns(self) -> tuple[str, ...]:
        """Which of the suite's own cases are asked."""
        return tuple(case for case in self.cases if isinstance(case, str))

    @property
    def own_cases(self) -> tuple[OwnCase, ...]:
        return tuple(case for case in self.cases if isinstance(case, OwnCase))

    @property
    def known_profiles(self) -> Mapping[str, Profile]:
        """The profiles that come with the suite, and those of the file."""
        own = [profile for profile in self.profiles if isinstance(profile, Profile)]
        return {**shipped(), **{profile.name: profile for profile in own}}

    @property
    def folder(self) -> Path:
        """Where the file is: what it names is below."""
        return self._path.resolve().parent

    def at(self, *location: str | int) -> str:
        """`file:line: key` of a place in the file, for an error that is found after reading."""
        key = ".".join(map(str, location))
        return f"{self._path}:{line_of(self._data, location)}: {key}"

    def chosen(self, names: Sequence[str] = (), profiles: Sequence[str] = ()) -> list[Target]:
        """The targets of these names, in order; without names all of the file.

        A browser without a profile stands for itself under each of the file's `profiles`; where `profiles` are given,
        patterns, it does under all that there are and match, and there are no other targets. A target that the file
        does not name may be asked for, too. Raises UnknownTarget.
        """
        own = {
            target.name: Target(target.name, target.name, own=Own(target.command, self.folder))
            for target in self.targets
            if isinstance(target, OwnTarget)
        }
        wanted = names or [target if isinstance(target, str) else target.name for target in self.targets]
        found: list[Target] = []
        for name in wanted:
            try:
                found += [own[name]] if name in own else self._with_profiles(name, profiles)
            except UnknownTarget:
                if near := difflib.get_close_matches(name, own, 1, 0.5):
                    raise UnknownTarget(f"unknown target {name!r}; did you mean {near[0]!r}?") from None
                raise
        if profiles:
            found = [target for target in found if target.profile and _matches(target.profile, profiles)]
        return list(dict.fromkeys(found))

    def _with_profiles(self, name: str, patterns: Sequence[str]) -> list[Target]:
        """The targets of a name that is not the user's own; a profile of the user's goes along with its definition."""
        profiles = self.known_profiles
        under = [one for one in profiles if _matches(one, patterns)] or [_name_of(profile) for profile in self.profiles]
        texts = {
            profile: profiles[profile].text for profile in map(_name_of, self.profiles) if profile not in shipped()
        }
        return [
            replace(target, own_profile=texts.get(target.profile or ""))
            for target in _targets_of(name, under, list(profiles))
        ]

    def target_names(self) -> list[str]:
        """The targets of the file, in order."""
        return [target.name for target in self.chosen()]


def _matches(profile: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(profile, pattern) for pattern in patterns)


def _targets_of(name: str, profiles: Sequence[str], known: Sequence[str]) -> list[Target]:
    if name in RUNTIMES and RUNTIMES[name].is_browser:
        return [parse_target(f"{name}+{profile}", known) for profile in profiles]
    return [parse_target(name, known)]


def _name_of(profile: str | Profile) -> str:
    return profile if isinstance(profile, str) else profile.name


class _At(ValueError):
    """An error at one item of a list or mapping, or at a path from there on."""

    def __init__(self, place: int | str | tuple[int | str, ...], message: str) -> None:
        super().__init__(message)
        self.place = place if isinstance(place, tuple) else (place,)


def load_config(path: Path) -> MatrixConfig:
    """Reads and validates a matrix.yaml; the files that it names are not read. Raises ConfigError."""
    data = _yaml(path)
    if not isinstance(data, CommentedMap):
        raise ConfigError(f"{path}:1: a mapping is wanted, with the key `targets` at least")
    expectations = data.get("expectations")
    for index, entry in enumerate(expectations if isinstance(expectations, CommentedSeq) else ()):
        if isinstance(entry, CommentedMap) and "line" not in entry:
            entry["line"] = expectations.lc.item(index)[0] + 1
    try:
        config = MatrixConfig.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_faults(path, data, error)) from error
    return config.read_from(path, data)


def load_steps(path: Path) -> tuple[Step, ...]:
    """Reads a YAML file that holds a list of steps in their short form. Raises ConfigError."""
    data = _yaml(path)
    if not isinstance(data, CommentedSeq):
        raise ConfigError(f"{path}:1: a list of steps is wanted")
    try:
        return TypeAdapter(tuple[Step, ...]).validate_python(tuple(data))
    except ValidationError as error:
        raise ConfigError(_faults(path, data, error)) from error


def _yaml(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    try:
        return YAML(typ="rt").load(StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not YAML: {error.problem}") from error
    except YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error


def default_matrix() -> Path:
    """The matrix.yaml to use: the one in the working folder, else the one that comes with the suite."""
    here = Path("matrix.yaml")
    if here.is_file():
        return here
    packaged = Path(__file__).with_name("matrix.yaml")
    return packaged if packaged.is_file() else Path(__file__).parent.parent / "matrix.yaml"


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


def _faults(path: Path, data: Any, error: ValidationError) -> str:
    """One line a fault. A list that is empty only because of its faulty items is none."""
    problems = [one for one in error.errors() if not (one["type"] == "too_short" and one["input"])]
    return "\n".join(_describe(path, data, problem) for problem in problems)


def _describe(path: Path, data: Any, problem: Any) -> str:
    parts: list[Any] = list(problem["loc"])
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, _At):
        parts += cause.place
    location = [part for part in parts if not (isinstance(part, str) and _is_ours(part))]
    message = problem["msg"].removeprefix("Value error, ")
    key = ".".join(str(part) for part in location)
    if problem["type"] == "extra_forbidden":
        message = f"unknown key{_meant(str(location[-1]), _keys(parts))}"
    elif problem["type"] == "step" and isinstance(problem["input"], Mapping):
        near = [one for key in problem["input"] for one in difflib.get_close_matches(str(key), FORMS, 1, 0.6)]
        message += f"; did you mean {near[0]!r}?" if near else ""
    elif problem["type"] == "missing":
        message = "this key is required"
    elif problem["type"] in ("too_short", "string_too_short"):
        message = "at least one is wanted" if problem["type"] == "too_short" else "a text is wanted that is not empty"
    elif wanted := _WANTED.get(problem["type"].partition("_")[0]):
        message = f"{wanted} is wanted"
    elif problem["type"] == "literal_error":
        known = STATUSES if location[-1] == "status" else re.findall(r"'([^']*)'", problem["ctx"]["expected"])
        message = f"must be one of {problem['ctx']['expected']}{_meant(str(problem['input']), list(known), tell=False)}"
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


def _meant(word: str, known: list[str], *, tell: bool = True) -> str:
    near = difflib.get_close_matches(word, known, 1, 0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(known)}" if tell and known else ""
