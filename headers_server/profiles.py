"""Profiles: named sets of response headers, read from a YAML file whose comments say its form."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from headers_server.lines import line_of
from headers_server.suggestions import meant

__all__ = ["KINDS", "Headers", "Profile", "ProfileError", "find", "load", "parse", "read", "shipped"]

KINDS = {
    "document": "a page of its own, a pop-up",
    "frame": "a page inside another page",
    "worker": "the script that a dedicated, shared or service worker starts from",
    "script": "any other JavaScript",
    "module": "WebAssembly",
    "other": "everything else",
}
"""The kinds of resource that a profile may give headers of their own."""

Scheme = Literal["http", "https"]

Headers = tuple[tuple[str, str | None], ...]
"""Pairs of name and value in the order of sending; a name with None takes away what the server itself would send."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2: token
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")  # a name, an address
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?|")  # RFC 9110, section 5.5: field-value, ASCII


class ProfileError(ValueError):
    """A profile that is not well formed, or a name that no profile has. One line.

    `place` are the keys that lead to the fault, for whoever knows their lines.
    """

    def __init__(self, message: str, place: tuple[str, ...] = ()) -> None:
        super().__init__(f"{'.'.join(place)}: {message}" if place else message)
        self.message, self.place = message, place


@dataclass(frozen=True)
class Profile:
    """`why` is one sentence; `headers` has an entry for each of KINDS.

    `host` is the name by which browsers ask for it, where it matters. By a browser's name: `hosts`, one that it uses
    instead; `flags` that it is started with; `cannot`, why it cannot be brought under it. With `service_worker` the
    server sends none of the headers: a service worker adds them. `text` is its definition in JSON, which `read`
    understands.
    """

    name: str
    why: str
    headers: Mapping[str, Headers]
    scheme: Scheme = "http"
    service_worker: bool = False
    host: str | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)
    text: str = field(default="", compare=False, repr=False)

    def seen_by(self, browser: str) -> Profile:
        """As that browser asks for it."""
        return replace(self, host=self.hosts.get(browser, self.host))


@cache
def shipped() -> Mapping[str, Profile]:
    """The profiles of `profiles.yaml` beside this file, by name, in its order."""
    return load(Path(__file__).with_name("profiles.yaml"))


def find(name: str, profiles: Mapping[str, Profile] | None = None) -> Profile:
    """The profile of that name. ProfileError with the nearest name, or all names, where there is none."""
    profiles = shipped() if profiles is None else profiles
    if name not in profiles:
        raise ProfileError(f"no profile {name!r}{meant(name, profiles, 'there are', cutoff=0.6)}")
    return profiles[name]


def read(text: str) -> Profile:
    """The profile of that name, or the one that this JSON (`Profile.text`) defines. ProfileError."""
    if not text.startswith("{"):
        return find(text)
    try:
        return parse(json.loads(text))
    except json.JSONDecodeError as error:
        raise ProfileError(f"a profile in JSON is wanted: {error}") from error


def load(path: Path) -> Mapping[str, Profile]:
    """The profiles of a YAML file. ProfileError names the file, the line and the key that is wrong."""
    try:
        entries = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ProfileError(f"{path}:{line}: not YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ProfileError(f"{path}: {' '.join(str(error).split())}") from error
    try:
        return {name: _profile(name, entry, (name,)) for name, entry in _mapping(entries, ()).items()}
    except ProfileError as error:
        raise ProfileError(f"{path}:{line_of(entries, error.place)}: {error}") from error


def parse(entry: Mapping[str, Any]) -> Profile:
    """One profile as a user writes it: an entry of the file, its `name` among its keys. ProfileError."""
    name = entry.get("name")
    if not isinstance(name, str):
        raise ProfileError("a profile has a name", ("name",))
    return _profile(name, {key: value for key, value in entry.items() if key != "name"}, ())


def _profile(name: str, entry: Any, place: tuple[str, ...]) -> Profile:
    if not _NAME.fullmatch(name):
        raise ProfileError(f"{name!r}: a profile's name is lower-case letters, digits and hyphens", place)
    entry = _mapping(entry, place)
    _only(entry, ("why", "headers", "scheme", "service_worker", "host", "hosts", "flags", "cannot"), place)
    why, host = entry.get("why"), entry.get("host")
    if not isinstance(why, str) or not why.strip():
        raise ProfileError("one sentence is wanted", (*place, "why"))
    if host is not None:
        _host(host, (*place, "host"))
    hosts = _mapping(entry.get("hosts", {}), (*place, "hosts"))
    for browser, other in hosts.items():
        _host(other, (*place, "hosts", browser))
    cannot = _mapping(entry.get("cannot", {}), (*place, "cannot"))
    for browser, sentence in cannot.items():
        if not isinstance(sentence, str) or not sentence.strip():
            raise ProfileError("one sentence is wanted", (*place, "cannot", browser))
    scheme, service_worker = entry.get("scheme", "http"), entry.get("service_worker", False)
    if scheme not in get_args(Scheme):
        raise ProfileError(f"http or https is wanted, not {scheme!r}", (*place, "scheme"))
    if not isinstance(service_worker, bool):
        raise ProfileError("true or false is wanted", (*place, "service_worker"))
    flags = _flags(entry.get("flags", {}), (*place, "flags"))
    where = (*place, "headers")
    given = _mapping(entry.get("headers"), where)
    _only(given, ("everything", *KINDS), where)
    sets = {kind: _headers(value, (*where, kind)) for kind, value in given.items()}
    headers = {kind: _flat(_merged(sets, kind)) for kind in KINDS}
    text = json.dumps({"name": name, **entry})
    return Profile(name, why.strip(), headers, scheme, service_worker, host, hosts, flags, cannot, text)


def _host(value: Any, place: tuple[str, ...]) -> None:
    if not (isinstance(value, str) and _HOST.fullmatch(value)):
        raise ProfileError("the name of a host is wanted, without scheme and port", place)


def _flags(value: Any, place: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    flags = {}
    for browser, given in _mapping(value, place).items():
        if not isinstance(given, list) or not all(isinstance(flag, str) for flag in given):
            raise ProfileError("a list of texts is wanted", (*place, browser))
        flags[browser] = tuple(given)
    return flags


def _merged(sets: Mapping[str, dict[str, list[str | None]]], kind: str) -> dict[str, list[str | None]]:
    layers = ("everything", *(["document"] if kind == "frame" else []), kind)
    by_name: dict[str, tuple[str, list[str | None]]] = {}
    for layer in layers:
        for name, values in sets.get(layer, {}).items():
            by_name[name.lower()] = (name, values)  # names are case-insensitive
    return dict(by_name.values())


def _flat(headers: Mapping[str, list[str | None]]) -> Headers:
    return tuple((name, value) for name, values in headers.items() for value in values)


def _headers(value: Any, place: tuple[str, ...]) -> dict[str, list[str | None]]:
    headers: dict[str, list[str | None]] = {}
    for name, given in _mapping(value, place).items():
        if not _HEADER.fullmatch(name):
            raise ProfileError(f"{name!r} is not a header's name", (*place, name))
        values = given if isinstance(given, list) and given else [given]
        for each in values:
            if not (isinstance(each, str) and _VALUE.fullmatch(each)) and (each is not None or len(values) > 1):
                raise ProfileError(f"a line of text, a list of them or null is wanted, not {each!r}", (*place, name))
        headers[name] = values
    return headers


def _mapping(value: Any, place: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ProfileError("a table of names is wanted", place)
    return value


def _only(table: Mapping[str, Any], allowed: Collection[str], place: tuple[str, ...]) -> None:
    for key in table:
        if key not in allowed:
            raise ProfileError(f"unknown key{meant(key, allowed, 'there are', cutoff=0.6)}", (*place, key))
