"""Profiles in plain text, for the terminal and for pages."""

from __future__ import annotations

from collections.abc import Iterable

from headers_server.profiles import KINDS, Headers, Profile

__all__ = ["catalogue", "header_lines"]


def catalogue(profiles: Iterable[Profile]) -> str:
    """Each profile with why it is there and what it sends."""
    return "\n\n".join(
        "\n".join([profile.name, f"  {profile.why}", *(f"    {line}" for line in header_lines(profile))])
        for profile in profiles
    )


def header_lines(profile: Profile) -> list[str]:
    """`Name: value`, and for which kinds where they differ."""
    kinds_of: dict[Headers, list[str]] = {}
    for kind in KINDS:
        kinds_of.setdefault(profile.headers[kind], []).append(kind)
    lines = []
    for headers, kinds in kinds_of.items():
        suffix = "" if len(kinds_of) == 1 else f"   ({', '.join(kinds)})"
        lines += [f"{name}: {value}{suffix}" for name, value in headers if value is not None]
    if profile.service_worker:
        lines.append("(added by a service worker)")
    return lines or ["no headers of its own"]
