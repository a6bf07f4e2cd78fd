"""Profiles: named sets of response headers, read from a YAML file whose comments say its form."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

__all__ = ["KINDS", "Headers", "Profile", "ProfileError", "find", "load", "shipped"]

KINDS = {
    "document": "a page of its own, a pop-up",
    "frame": "a page inside another page",
    "worker": "the script that a dedicated, shared or service worker starts from",
    "script": "any other JavaScript",
    "module": "WebAssembly",
    "other": "everything else",
}
"""The kinds of resource that a profile may give headers of their own."""

Headers = tuple[tuple[str, str | None], ...]
"""Pairs of name and value in the order of sending; a name with None takes away what the server itself would send."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2: token
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?|")  # RFC 9110, section 5.5: field-value, ASCII


class ProfileError(ValueError):
    """A file of profiles that is not well formed, or a name that no profile has. One line."""


@dataclass(frozen=True)
class Profile:
    """`why` is one sentence; `headers` has an entry for each of KINDS."""

    name: str
    why: str
    headers: Mapping[str, Headers]


@cache
def shipped() -> Mapping[str, Profile]:
    """The profiles of `profiles.yaml` beside this file, by name, in its order."""
    return load(Path(__file__).with_name("profiles.yaml"))


def find(name: str, profiles: Mapping[str, Profile] | None = None) -> Profile:
    """The profile of that name. ProfileError with the nearest name, or all names, where there is none."""
    profiles = shipped() if profiles is None else profiles
    if name not in profiles:
        raise ProfileError(f"no profile {name!r}{_suggestion(name, profiles)}")
    return profiles[name]


def load(path: Path) -> Mapping[str, Profile]:
    """The profiles of a YAML file. ProfileError names the file and the key that is wrong."""
    try:
        entries = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ProfileError(f"{path}: {' '.join(str(error).split())}") from error
    try:
        return {name: _profile(name, entry) for name, entry in _mapping(entries, "the file").items()}
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from error


def _profile(name: str, entry: Any) -> Profile:
    if not _NAME.fullmatch(name):
        raise ProfileError(f"{name!r}: a profile's name is lower-case letters, digits and hyphens")
    entry = _mapping(entry, name)
    _only(entry, ("why", "headers"), name)
    why = entry.get("why")
    if not isinstance(why, str) or not why.strip():
        raise ProfileError(f"{name}.why: one sentence is wanted")
    given = _mapping(entry.get("headers"), f"{name}.headers")
    _only(given, ("everything", *KINDS), f"{name}.headers")
    sets = {kind: _headers(value, f"{name}.headers.{kind}") for kind, value in given.items()}
    return Profile(name, why.strip(), {kind: _flat(_merged(sets, kind)) for kind in KINDS})


def _merged(sets: Mapping[str, dict[str, list[str | None]]], kind: str) -> dict[str, list[str | None]]:
    layers = ("everything", *(["document"] if kind == "frame" else []), kind)
    by_name: dict[str, tuple[str, list[str | None]]] = {}
    for layer in layers:
        for name, values in sets.get(layer, {}).items():
            by_name[name.lower()] = (name, values)  # names are case-insensitive
    return dict(by_name.values())


def _flat(headers: Mapping[str, list[str | None]]) -> Headers:
    return tuple((name, value) for name, values in headers.items() for value in values)


def _headers(value: Any, where: str) -> dict[str, list[str | None]]:
    headers: dict[str, list[str | None]] = {}
    for name, given in _mapping(value, where).items():
        if not _HEADER.fullmatch(name):
            raise ProfileError(f"{where}: {name!r} is not a header's name")
        values = given if isinstance(given, list) and given else [given]
        for each in values:
            if not (isinstance(each, str) and _VALUE.fullmatch(each)) and (each is not None or len(values) > 1):
                raise ProfileError(f"{where}.{name}: a line of text, a list of them or null is wanted, not {each!r}")
        headers[name] = values
    return headers


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ProfileError(f"{where}: a table of names is wanted")
    return value


def _only(table: Mapping[str, Any], allowed: Collection[str], where: str) -> None:
    for key in table:
        if key not in allowed:
            raise ProfileError(f"{where}: unknown key {key!r}{_suggestion(key, allowed)}")


def _suggestion(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(names)}"
