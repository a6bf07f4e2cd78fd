"""isolation/load-…: what a page may load, from its own origin, its own site and elsewhere, with which headers.

The loads are data (`headers_server/pages/probes/subresources.js` says their keys); what becomes of each under a profile
is in conformance/fetching.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.case import Case, Script
from conformance.cases._browsers import BROWSERS
from conformance.cases.isolation import WITHIN
from conformance.fetching import MODES
from headers_server.probes import RELATIONS

__all__ = ["CASES"]

_CORP = (None, "same-origin", "same-site", "cross-origin")
_COEP = (None, "require-corp", "credentialless")
_REDIRECTED = ("image", "script", "text")
_TITLES = {
    "image": "an image", "script": "a classic script", "style": "a style sheet", "video": "a video",
    "text": "a text, by fetch", "font": "a font", "wasm": "a module, by compileStreaming", "module": "a module script",
    "frame": "a frame", "worker": "a dedicated worker",
}  # fmt: skip
_FROM = {"same-origin": "the page's own origin", "same-site": "its own site", "cross-site": "another site"}


def _loads(kind: str, relation: str) -> Iterator[dict[str, Any]]:
    """Every way to ask for it, and every set of headers that could make a difference."""
    for mode in MODES[kind]:
        if mode == "no-cors":
            yield from (_load(kind, mode, relation, corp=corp) for corp in _CORP)
        elif mode == "navigate":
            yield from (_load(kind, mode, relation, coep=coep, corp=corp) for coep in _COEP for corp in _CORP)
        elif mode == "same-origin":
            yield from (_load(kind, mode, relation, coep=coep) for coep in _COEP)
        else:
            yield from (_load(kind, mode, relation, cors=cors) for cors in (None, "any"))
            yield _load(kind, mode, relation, cors="any", corp="same-origin")
            if kind != "font":  # which is always asked for without cookies from elsewhere
                yield from (_load(kind, mode, relation, cookies=True, cors=cors) for cors in ("any", "credentials"))


def _redirects(kind: str, relation: str) -> Iterator[dict[str, Any]]:
    """From each other origin, where the redirect has the same resource policy as what it leads to."""
    for via in RELATIONS:
        if via != relation:
            yield from (_load(kind, "no-cors", relation, via=via, corp=corp) for corp in _CORP)


def _load(
    kind: str, mode: str, relation: str, *, via: str | None = None, cookies: bool = False, **query: str | None
) -> dict[str, Any]:
    headers = {key: value for key, value in query.items() if value}
    words = [mode, *(["with cookies"] if cookies else []), *([f"via {via}"] if via else [])]
    name = ", ".join([*words, *(f"{key}: {value}" for key, value in headers.items())])
    asked = {"name": name, "kind": kind, "mode": mode, "relation": relation, "query": headers}
    return {**asked, **({"via": via} if via else {}), **({"cookies": True} if cookies else {})}


def _case(name: str, title: str, loads: Iterator[dict[str, Any]]) -> Case:
    command = {"type": "probe", "probe": "subresources", "with": {"loads": list(loads)}, "within": WITHIN}

    def build(_: None) -> Script:
        return [{**command, "expect": {"standard": True}}]

    return Case(f"isolation/{name}", "", build, title, targets=BROWSERS)


CASES = [
    _case(f"load-{kind}-{relation}", f"{_TITLES[kind]} from {_FROM[relation]}", _loads(kind, relation))
    for kind in MODES
    for relation in RELATIONS
] + [
    _case(
        f"load-redirected-{kind}-{relation}",
        f"{_TITLES[kind]}, redirected to {_FROM[relation]}",
        _redirects(kind, relation),
    )
    for kind in _REDIRECTED
    for relation in RELATIONS
]
