"""The whole of matrix.yaml: what is asked, of which targets, under which profiles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    InstanceOf,
    PrivateAttr,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)  # fmt: skip

from conformance.config._expectation import Expectation
from conformance.config._own import OwnCase, OwnModule, OwnTarget
from conformance.config._part import At, Part, Patterns, as_tuple
from headers_server.lines import line_of
from headers_server.profiles import Profile, ProfileError, parse, shipped
from headers_server.suggestions import meant
from modules.table import Language
from runners.runtime import Own, Target
from runners.targets import RUNTIMES, UnknownTarget, parse_target

__all__ = ["MatrixConfig"]


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
        raise At(error.place, error.message) from error


_Profiles = Annotated[str | InstanceOf[Profile], BeforeValidator(_own_profile)]


class MatrixConfig(Part):
    """The whole file. `memory_limit` is in MiB a runner process; `deadline` in seconds replaces the cases' own.

    `targets`, `profiles` and `cases` hold names and patterns of the suite's own, and mappings: those of the user.
    `folder` is where the file is.
    """

    profiles: tuple[_Profiles, ...] = ("none", "isolated")
    targets: tuple[_Targets, ...] = Field(min_length=1)
    modules: dict[str, OwnModule] = Field(default_factory=dict)
    cases: Annotated[tuple[_Cases, ...], BeforeValidator(as_tuple)] = ("*",)
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
                raise At(index, f"two profiles are named {_name_of(profile)!r}")
            if isinstance(profile, Profile):
                if profile.name in shipped():
                    raise At((index, "name"), f"the suite has a profile {profile.name!r} of its own")
            elif profile not in shipped():
                raise At(index, f"unknown profile {profile!r}{meant(profile, shipped(), 'known')}")
        return profiles

    @field_validator("targets")
    @classmethod
    def _known_targets(cls, targets: tuple[str | OwnTarget, ...], info: ValidationInfo) -> tuple[str | OwnTarget, ...]:
        profiles = [*shipped(), *map(_name_of, info.data.get("profiles", ()))]
        own = [target.name for target in targets if isinstance(target, OwnTarget)]
        for index, target in enumerate(targets):
            if isinstance(target, OwnTarget):
                if own.count(target.name) > 1:
                    raise At(index, f"two targets are named {target.name!r}")
                continue
            if target in own:
                raise At(index, f"the target {target!r} is in the list already, with its command")
            try:
                _targets_of(target, (), profiles)
            except UnknownTarget as error:
                raise At(index, str(error)) from error
        return targets

    @field_validator("modules")
    @classmethod
    def _module_names(cls, modules: dict[str, OwnModule]) -> dict[str, OwnModule]:
        for name in modules:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
                raise At(name, f"{name!r} is no name of a module: letters, digits, '.', '_' and '-' are")
        return modules

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        known = [*get_args(Language), "own"]
        for pattern in patterns:
            if not any(fnmatchcase(language, pattern) for language in known):
                raise ValueError(f"no language matches {pattern!r}{meant(pattern, known, 'known')}")
        return patterns

    @model_validator(mode="after")
    def _whole(self) -> MatrixConfig:
        counts = Counter(case.id for case in self.own_cases)
        for index, case in enumerate(self.cases):
            if not isinstance(case, OwnCase):
                continue
            if counts[case.id] > 1:
                raise At(("cases", index, "id"), f"two cases are named {case.id!r}")
            for name in case.module:
                if name not in self.modules:
                    fault = f"no module {name!r} under `modules`{meant(name, self.modules, 'known')}"
                    raise At(("cases", index, "module"), fault)
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
                if hint := meant(name, own):
                    raise UnknownTarget(f"unknown target {name!r}{hint}") from None
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
