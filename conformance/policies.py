"""Policies that headers state: what a browser makes of COOP, COEP, Document-Isolation-Policy and Permissions-Policy.

Headers are mappings of lower-case names to values, those that were sent twice joined by a comma, as browsers do.
Sources: HTML (https://html.spec.whatwg.org/multipage/browsers.html#cross-origin-opener-policies), RFC 9651, WICG's
Document-Isolation-Policy (https://wicg.github.io/document-isolation-policy/).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from headers_server.profiles import Profile

__all__ = ["COEP", "COOP", "DIP", "ISOLATING", "Policies", "by_name", "headers_of", "members", "policies", "token"]

COOP, COEP, DIP = "cross-origin-opener-policy", "cross-origin-embedder-policy", "document-isolation-policy"

ISOLATING = ("require-corp", "credentialless")
"""Values of COEP that are compatible with cross-origin isolation."""

_ISOLATING_DIP = tuple(f"isolate-and-{value}" for value in ISOLATING)
_OPENER = ("same-origin", "same-origin-allow-popups", "noopener-allow-popups")
_STRING = r'"(?:[^"\\]|\\.)*"'
_KEY = r"[a-z*][a-z0-9_.*-]*"
_TOKEN = r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*"  # noqa: S105 (RFC 9651, section 3.3.4)
_ITEM = re.compile(rf"({_TOKEN})(?:; *{_KEY}(?:=(?:{_STRING}|[^\s;,\"]+))?)*")
_MEMBERS = re.compile(rf"(?:{_STRING}|\([^)]*\)|[^,\"])+")
_PERMISSION = re.compile(r"cross-origin-isolated\s*(?:=\s*(?:\((?P<list>[^)]*)\)|(?P<one>[^;]+)))?\s*(?:;.*)?")
_NOWHERE: Collection[str] = ()
_EVERYWHERE: Collection[str] = ("*",)


@dataclass(frozen=True)
class Policies:
    """What a response's headers state, in the words of the standard; what is absent or malformed is the default.

    `opener` is `same-origin-plus-COEP` where COEP makes it that. `isolates` is of Document-Isolation-Policy.
    `permitted` is the allowlist of the feature `cross-origin-isolated`: `self`, `*`, origins in quotes.
    """

    opener: str = "unsafe-none"
    embedder: str = "unsafe-none"
    isolates: str = "none"
    permitted: Collection[str] = _EVERYWHERE

    @property
    def permits_itself(self) -> bool:
        """Whether its Permissions-Policy lets the document itself be isolated."""
        return bool({"self", "*"} & set(self.permitted))

    @property
    def embeds_safely(self) -> bool:
        """Whether the embedder policy is compatible with cross-origin isolation."""
        return self.embedder in ISOLATING


def policies(headers: Mapping[str, str], *, secure: bool = True) -> Policies:
    """HTML, "obtain an opener policy", "obtain an embedder policy": in a context that is not secure there is none."""
    permitted = _permitted(headers.get("permissions-policy", ""))
    if not secure:
        return Policies(permitted=permitted)
    embedder, isolates = token(headers.get(COEP, "")), token(headers.get(DIP, ""))
    opener = token(headers.get(COOP, ""))
    if opener == "same-origin" and embedder in ISOLATING:
        opener = "same-origin-plus-COEP"
    return Policies(
        opener if opener and opener.removesuffix("-plus-COEP") in _OPENER else "unsafe-none",
        embedder if embedder in ISOLATING else "unsafe-none",
        isolates if isolates in _ISOLATING_DIP else "none",
        permitted,
    )


def headers_of(profile: Profile, kind: str) -> dict[str, str]:
    """What a browser gets with a resource of that kind (headers_server.profiles.KINDS) under a profile."""
    found: dict[str, str] = {}
    for name, value in profile.headers[kind]:
        if value is not None:
            found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
    return found


def by_name(headers: Mapping[str, object] | None) -> dict[str, str]:
    """Headers as somebody wrote them, their names in lower case."""
    return {str(name).lower(): str(value).strip() for name, value in (headers or {}).items()}


def token(value: str) -> str | None:
    """The token of a structured field that is one item, without its parameters (`report-to=…`); None for what is not.

    RFC 9651, section 4.2: what does not parse as a whole counts as absent, two values too.
    """
    match = _ITEM.fullmatch(value.strip())
    return match[1] if match else None


def members(value: str) -> Sequence[str]:
    """The members of a list, which headers that were sent twice become; commas in strings and parentheses part none."""
    return [member for member in _MEMBERS.findall(value) if member.strip()]


def _permitted(policy: str) -> Collection[str]:
    """The allowlist of `cross-origin-isolated` in a Permissions-Policy; of two entries the last counts."""
    found = [match for member in members(policy) if (match := _PERMISSION.fullmatch(member.strip()))]
    if not found:
        return _EVERYWHERE
    allowed = found[-1]["list"] if found[-1]["list"] is not None else (found[-1]["one"] or "")
    return tuple(allowed.split()) or _NOWHERE
