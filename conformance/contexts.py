"""What the standards require of a context (a document, a frame, a pop-up, any kind of worker): a pure function of the
headers with which it and what opened it came."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.policies import Policies, headers_of, policies
from conformance.rules import Rule, Rules
from headers_server.profiles import Profile

__all__ = [
    "Place", "document_of", "is_allowed", "lets_itself_be_embedded", "place_of", "rules", "sent", "switches",
]  # fmt: skip

_HTML = "https://html.spec.whatwg.org/multipage"
_CAPABILITY = f"{_HTML}/webappapis.html#concept-settings-object-cross-origin-isolated-capability"
_COOP = f"{_HTML}/browsers.html#cross-origin-opener-policies"
_CLOSED = f"{_HTML}/nav-history-apis.html#dom-window-closed"
_FRAME = f"{_HTML}/browsers.html#check-a-navigation-response's-adherence-to-its-embedder-policy"
_CORP = "https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check"
_WORKER = f"{_HTML}/workers.html#run-a-worker"
_WORKER_COEP = f"{_HTML}/browsers.html#check-a-global-object's-embedder-policy"
_SECURE = "https://w3c.github.io/webappsec-secure-contexts/#algorithms"
_REALM = f"{_HTML}/webappapis.html#creating-a-new-javascript-realm"
_MEMORY = "https://webassembly.github.io/threads/js-api/index.html#memories"
_CLONE = f"{_HTML}/structured-data.html#structuredserializeinternal"
_READ = f"{_HTML}/structured-data.html#structureddeserialize"
_CAN_BLOCK = f"{_HTML}/webappapis.html#integration-with-the-javascript-agent-formalism"
_WAIT_ASYNC = "https://tc39.es/ecma262/#sec-atomics.waitasync"
_COARSE = "https://w3c.github.io/hr-time/#dfn-coarsen-time"
_EXPOSED = "https://webidl.spec.whatwg.org/#CrossOriginIsolated"
_MEASURE = "https://wicg.github.io/performance-measure-memory/#top-level-algorithms"

_DEDICATED = ("worker", "nested")

_TRUSTWORTHY_HOSTS = (None, "localhost", "127.0.0.1")


@dataclass(frozen=True)
class Place:
    """A context as the standards have it, whether or not it may be there.

    `grouped`: its agent cluster is cross-origin isolated, which its browsing context group or its own
    Document-Isolation-Policy makes it. `capable`: its cross-origin isolated capability. `cluster` tells its agent
    cluster from others: memory is shared within one alone. `refused` is the section by which it must not load.
    """

    secure: bool
    stated: Policies
    grouped: bool
    capable: bool
    cluster: str
    blocks: bool
    """Whether it may wait: `[[CanBlock]]` of its agent."""
    refused: str | None = None
    source: str = _CAPABILITY
    free: Collection[str] = ()
    """Facts that no standard decides here."""
    opener: bool | None = None
    """Of a pop-up: whether it and what opened it still know one another."""


def document_of(profile: Profile) -> Place:
    """The page under a profile: a document of its own."""
    secure = profile.scheme == "https" or profile.host in _TRUSTWORTHY_HOSTS
    return _document(headers_of(profile, "document"), secure)


def place_of(context: Mapping[str, Any], profile: Profile) -> Place:
    """A context that the page opens; `context` is what `headers_server/pages/probes/contexts.js` says."""
    page = document_of(profile)
    kinds = {"document": _same, "frame": _frame, "popup": _popup, "shared": _shared, "service": _service}
    return kinds.get(context["kind"], _worker)(context, page, profile)


def rules(context: Mapping[str, Any], profile: Profile) -> Rules:
    """What each fact of the probe `contexts` must be."""
    page, place = document_of(profile), place_of(context, profile)
    if place.refused:
        return {"loaded": Rule(value=False, source=place.refused)}
    loaded = {"loaded": Rule(value=True, source=_FRAME if context["kind"] == "frame" else _WORKER)}
    required = {**loaded, **_of_place(place), **_measured(context, place), **_shared_memory(page, place)}
    return {name: rule for name, rule in required.items() if name not in place.free}


def _of_place(place: Place) -> Rules:
    required = {
        "isSecureContext": Rule(place.secure, _SECURE),
        "crossOriginIsolated": Rule(place.capable, place.source),
        "SharedArrayBuffer": Rule(place.grouped, _REALM),
        "memory": Rule("SharedArrayBuffer", _MEMORY),
        "wait": Rule("timed-out" if place.blocks else "TypeError", _CAN_BLOCK),
        "waitAsync": Rule("timed-out", _WAIT_ASYNC),
        "share": Rule("used" if place.capable else "DataCloneError", _CLONE),
        "resolution": Rule(5 if place.capable else 100, _COARSE, least=True),
    }
    if place.opener is not None:
        required["opener"] = Rule(place.opener, _COOP)
        required["closed"] = Rule(not place.opener, _CLOSED)
    return required


def _measured(context: Mapping[str, Any], place: Place) -> Rules:
    """Only what is capable has the function, if the browser has it; "memory measurement allowed predicate"."""
    if not place.capable:
        return {"measureMemory": Rule(value=False, source=_EXPOSED)}
    whole = _relation(context) == "same-origin" if context["kind"] == "frame" else context["kind"] not in _DEDICATED
    return {"measuredMemory": Rule("bytes" if whole else "SecurityError", _MEASURE, optional=True)}


def _shared_memory(page: Place, place: Place) -> Rules:
    """Who is not capable cannot send; what is sent into another agent cluster cannot be read."""
    if place.opener is False:
        return {}
    arrives = Rule("used", _READ) if page.cluster == place.cluster else Rule("messageerror", _READ)
    refused = Rule("DataCloneError", _CLONE)
    return {"sent": arrives if page.capable else refused, "received": arrives if place.capable else refused}


def _document(headers: Mapping[str, str], secure: bool) -> Place:
    stated = policies(headers, secure=secure)
    grouped = stated.opener == "same-origin-plus-COEP" or stated.isolates != "none"
    return Place(
        secure, stated, grouped, grouped and stated.permits_itself, _cluster("same-origin", stated), blocks=False
    )


def _cluster(relation: str, stated: Policies) -> str:
    """An isolated agent cluster is of one origin, and of one Document-Isolation-Policy."""
    return f"{relation} {stated.isolates}"


def _relation(context: Mapping[str, Any]) -> str:
    return str(context.get("origin", "same-origin"))


def sent(context: Mapping[str, Any], profile: Profile, kind: str) -> dict[str, str]:
    """The headers with which a context comes. A service worker adds none to what another origin serves."""
    if context.get("bare") or (profile.service_worker and _relation(context) != "same-origin"):
        return {}
    return headers_of(profile, kind)


def _same(_context: Mapping[str, Any], page: Place, _profile: Profile) -> Place:
    return page


def _frame(context: Mapping[str, Any], page: Place, profile: Profile) -> Place:
    stated = policies(sent(context, profile, "frame"), secure=page.secure)
    grouped = page.stated.opener == "same-origin-plus-COEP" or stated.isolates != "none"
    capable = grouped and is_allowed(context, page) and stated.permits_itself
    refused = _refused_frame(context, page, stated)
    return Place(
        page.secure, stated, grouped, capable, _cluster(_relation(context), stated), blocks=False, refused=refused
    )


def is_allowed(context: Mapping[str, Any], page: Place) -> bool:
    """Whether the page lets a frame be isolated: Permissions Policy, "define an inherited policy for a feature".

    The default allowlist is `self`: without `allow`, frames of the page's own origin are. An origin in quotes is taken
    for another than the frame's.
    """
    declared, same = page.stated.permitted, _relation(context) == "same-origin"
    if not ("*" in declared or (same and "self" in declared)):
        return False
    return same if context.get("allow") is None else "'none'" not in context["allow"]


def lets_itself_be_embedded(context: Mapping[str, Any]) -> bool:
    """Fetch, "cross-origin resource policy internal check": to an embedder policy no value means `same-origin`."""
    relation, corp = _relation(context), context.get("corp", "same-origin")
    return relation == "same-origin" or corp == "cross-origin" or relation == corp


def _refused_frame(context: Mapping[str, Any], page: Place, stated: Policies) -> str | None:
    """Of two reasons the first; a credentialless frame needs neither header."""
    if not page.stated.embeds_safely or context.get("credentialless"):
        return None
    if not lets_itself_be_embedded(context):
        return _CORP
    return None if stated.embeds_safely else _FRAME


def _popup(context: Mapping[str, Any], page: Place, profile: Profile) -> Place:
    relation = _relation(context)
    secure = page.secure or relation == "cross-site"  # which is at 127.0.0.1
    place = _document(sent(context, profile, "document"), secure)
    kept = not switches(page.stated.opener, place.stated.opener, same_origin=relation == "same-origin")
    return Place(
        place.secure, place.stated, place.grouped, place.capable, _cluster(relation, place.stated), blocks=False,
        opener=kept,
    )  # fmt: skip


def switches(opener: str, popup: str, *, same_origin: bool) -> bool:
    """HTML, "check if COOP values require a browsing context group switch", for a pop-up's first page."""
    if popup == "noopener-allow-popups":
        return True
    if popup == "unsafe-none":
        return opener not in ("unsafe-none", "same-origin-allow-popups", "noopener-allow-popups")
    return not (popup == opener and same_origin)


def _worker(context: Mapping[str, Any], page: Place, profile: Profile) -> Place:
    """A dedicated worker, also within another: of its owner's agent cluster, and capable if that is."""
    local = context.get("via") in ("blob", "data")
    stated = page.stated if local else policies(sent(context, profile, "worker"), secure=page.secure)
    refused = _WORKER_COEP if page.stated.embeds_safely and not stated.embeds_safely else None
    capable = page.capable and context.get("via") != "data"
    return Place(page.secure, stated, page.grouped, capable, page.cluster, blocks=True, refused=refused, source=_WORKER)


def _shared(context: Mapping[str, Any], page: Place, profile: Profile) -> Place:
    """Isolated by its own embedder policy alone; its realm is made before that is known."""
    stated = policies(sent(context, profile, "worker"), secure=page.secure)
    isolated = stated.embeds_safely
    return Place(
        page.secure, stated, isolated, isolated, "shared worker", blocks=True, source=_WORKER,
        free=("SharedArrayBuffer",),
    )  # fmt: skip


def _service(context: Mapping[str, Any], page: Place, profile: Profile) -> Place:
    """Only for secure contexts. No standard says yet whether it is isolated, so all that hangs on that is free
    (https://github.com/w3c/ServiceWorker/pull/1545). No service worker adds headers to the script of another."""
    headers = {} if profile.service_worker else sent(context, profile, "worker")
    stated = policies(headers, secure=page.secure)
    isolated = stated.embeds_safely
    return Place(
        page.secure, stated, isolated, isolated, "service worker", blocks=False,
        refused=None if page.secure else _SECURE,
        free=("crossOriginIsolated", "SharedArrayBuffer", "share", "resolution", "measureMemory", "received"),
    )  # fmt: skip
