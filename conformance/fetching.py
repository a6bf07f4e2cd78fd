"""What the standards require of a browser when a page loads something: a pure function of both sides' headers.

Sources: Fetch (https://fetch.spec.whatwg.org): "cross-origin resource policy check", "CORS check", "main fetch",
"Cross-Origin-Embedder-Policy allows credentials"; HTML (https://html.spec.whatwg.org/multipage/browsers.html): "check a
navigation response's adherence to its embedder policy", "check a global object's embedder policy".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from conformance.contexts import document_of
from conformance.policies import ISOLATING, Policies
from conformance.rules import Rule, Rules
from headers_server.profiles import Profile

__all__ = ["MODES", "Answer", "Load", "answer", "explain", "load_of", "rules"]

Relation = Literal["same-origin", "same-site", "cross-site"]
Mode = Literal["no-cors", "cors", "navigate", "same-origin"]

_FETCH = "https://fetch.spec.whatwg.org"
_HTML = "https://html.spec.whatwg.org/multipage"
CORP = f"{_FETCH}/#cross-origin-resource-policy-internal-check"
ANONYMOUS = f"{_FETCH}/#cross-origin-embedder-policy-allows-credentials"
CORS = f"{_FETCH}/#cors-check"
WORKER = f"{_HTML}/workers.html#worker-processing-model"
FRAME = f"{_HTML}/browsers.html#check-a-navigation-response's-adherence-to-its-embedder-policy"
OWNER = f"{_HTML}/browsers.html#check-a-global-object's-embedder-policy"


@dataclass(frozen=True)
class Load:
    """One thing that a page asks for.

    `kind` is one of MODES; `relation` that of its origin to the page's; `via` that of an origin which redirects there,
    with the same headers; `corp`, `coep` are the response's; `cors` is `any` (`*`) or `credentials` (the
    origin that asks, and that it may send cookies). `cookies`: the page asks with credentials (of mode cors; without
    CORS a browser always does).
    """

    kind: str
    mode: Mode
    relation: Relation
    via: Relation | None = None
    corp: str | None = None
    coep: str | None = None
    cors: str | None = None
    cookies: bool = False


MODES: dict[str, tuple[Mode, ...]] = {
    "image": ("no-cors", "cors"),
    "script": ("no-cors", "cors"),
    "style": ("no-cors", "cors"),
    "video": ("no-cors", "cors"),
    "text": ("no-cors", "cors"),
    "font": ("cors",),
    "wasm": ("cors",),
    "module": ("cors",),
    "frame": ("navigate",),
    "worker": ("same-origin",),
}
"""How each kind is asked for: an element without the attribute `crossorigin`, `fetch` with and without CORS …"""


_BLOCKED = "isolation/subresource-blocked"
_CAUSES = {
    ("frame", "Cross-Origin-Embedder-Policy"): "isolation/frame-without-coep",
    ("frame", "Cross-Origin-Resource-Policy"): "isolation/frame-without-corp",
    ("worker", "Cross-Origin-Embedder-Policy"): "isolation/worker-script-without-coep",
}


@dataclass(frozen=True)
class Answer:
    """`lacks` are the headers, as a person would send them, without which it is blocked; empty where none would help.

    `anonymous`: cookies must not go with it. `source` is the section that decides.
    """

    loaded: bool
    source: str
    lacks: tuple[str, ...] = ()
    anonymous: bool = False


def load_of(parameters: Mapping[str, Any]) -> Load:
    """One of the `loads` of the probe `subresources`: `headers_server/pages/probes/subresources.js` says its keys."""
    asked = {name: parameters[name] for name in ("kind", "mode", "relation", "via", "cookies") if name in parameters}
    return Load(**asked, **parameters["query"])


def rules(parameters: Mapping[str, Any], profile: Profile) -> Rules:
    """What each fact of the probe `subresources` must be; whether cookies go is free, but where they must not."""
    page = document_of(profile).stated
    required: dict[str, Rule] = {}
    for each in parameters["loads"]:
        found = answer(page, load_of(each), relayed=profile.service_worker)
        required[each["name"]] = Rule("loaded" if found.loaded else "blocked", found.source)
        if found.loaded and found.anonymous:
            required[f"{each['name']}: cookies"] = Rule(value=False, source=ANONYMOUS)
    return required


def explain(parameters: Mapping[str, Any], profile: Profile, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`lacks`: of each load that is blocked by the page's isolation alone the headers it came without; `causes`."""
    page, lacks, causes = document_of(profile).stated, {}, []
    for each in parameters["loads"]:
        load = load_of(each)
        if facts.get(each["name"]) != "blocked" or not answer(Policies(), load).loaded:
            continue
        lacks[each["name"]] = found = answer(page, load, relayed=profile.service_worker).lacks
        causes += [_CAUSES.get((load.kind, header.partition(":")[0]), f"{_BLOCKED}:{load.kind}") for header in found]
    return {"lacks": lacks, "causes": list(dict.fromkeys(causes))}


def answer(page: Policies, load: Load, *, relayed: bool = False) -> Answer:
    """What becomes of `load` in a page with these policies.

    Its Document-Isolation-Policy binds neither frames nor workers (https://wicg.github.io/document-isolation-policy/).
    `relayed`: a service worker without policies of its own fetches it in the page's place.
    """
    if load.mode == "cors":
        return _with_cors(load)
    if load.mode == "same-origin":
        return _worker(page.embedder, load)
    if load.mode == "navigate":
        return _frame(page.embedder, load)
    embedder = page.embedder if page.isolates == "none" else page.isolates.removeprefix("isolate-and-")
    return _without_cors(embedder, load, relayed=relayed)


def _with_cors(load: Load) -> Answer:
    """Fetch, "CORS check"; a resource policy is not asked, for the response is not opaque."""
    if load.relation == "same-origin":
        return Answer(True, CORS)
    if load.cors == "credentials" or (load.cors == "any" and not load.cookies):
        return Answer(True, CORS, anonymous=not load.cookies)
    lacks = ["Access-Control-Allow-Origin"] + (["Access-Control-Allow-Credentials: true"] if load.cookies else [])
    return Answer(False, CORS, tuple(lacks))


def _without_cors(embedder: str, load: Load, *, relayed: bool) -> Answer:
    """Fetch, "HTTP fetch": the resource policy is checked for each response that is opaque, a redirect's too.

    All are from the first one of another origin on, even where the way leads back; those go without cookies under
    credentialless ("Cross-Origin-Embedder-Policy allows credentials"). Of what a service worker fetched only the last
    response comes to the page.
    """
    hops = [relation for relation in (load.via, load.relation) if relation]
    opaque = hops[next((at for at, hop in enumerate(hops) if hop != "same-origin"), len(hops)) :]
    asked = [("unsafe-none" if relayed else embedder, hop) for hop in opaque] + [(embedder, load.relation)]
    anonymous = bool(opaque) and embedder == "credentialless" and not relayed
    lacks = dict.fromkeys(lack for by, hop in asked for lack in _policy(by, hop, load.corp, anonymous=anonymous))
    return Answer(not lacks, CORP, tuple(lacks), anonymous)


def _policy(
    embedder: str, relation: Relation, corp: str | None, *, anonymous: bool = False, navigation: bool = False
) -> tuple[str, ...]:
    """Fetch, "cross-origin resource policy internal check": the header that is lacking, or nothing."""
    if (navigation and embedder == "unsafe-none") or relation == "same-origin":
        return ()
    policy = corp
    if policy is None and (embedder == "require-corp" or (embedder == "credentialless" and not anonymous)):
        policy = "same-origin"
    if policy in (None, "cross-origin") or (policy, relation) == ("same-site", "same-site"):
        return ()
    return (f"Cross-Origin-Resource-Policy: {'same-site' if relation == 'same-site' else 'cross-origin'}",)


def _frame(embedder: str, load: Load) -> Answer:
    lacks: tuple[str, ...] = ()
    if embedder != "unsafe-none" and load.coep not in ISOLATING:
        lacks += ("Cross-Origin-Embedder-Policy: require-corp",)
    lacks += _policy(embedder, load.relation, load.corp, navigation=True)
    return Answer(not lacks, FRAME, lacks)


def _worker(embedder: str, load: Load) -> Answer:
    """A script of another origin starts no worker, whatever it sends."""
    if load.relation != "same-origin":
        return Answer(False, WORKER)
    if embedder != "unsafe-none" and load.coep not in ISOLATING:
        return Answer(False, OWNER, ("Cross-Origin-Embedder-Policy: require-corp",))
    return Answer(True, OWNER)
