"""What the standards require of a browser when a page loads something: a pure function of both sides' headers.

Sources: Fetch (https://fetch.spec.whatwg.org): "cross-origin resource policy check", "CORS check", "main fetch",
"Cross-Origin-Embedder-Policy allows credentials"; HTML (https://html.spec.whatwg.org/multipage/browsers.html): "check a
navigation response's adherence to its embedder policy", "check a global object's embedder policy".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["MODES", "Answer", "Embedder", "Load", "answer"]

Embedder = Literal["unsafe-none", "require-corp", "credentialless"]
Relation = Literal["same-origin", "same-site", "cross-site"]
Mode = Literal["no-cors", "cors", "navigate", "same-origin"]

FETCH = "https://fetch.spec.whatwg.org"
HTML = "https://html.spec.whatwg.org/multipage"
CORP = f"{FETCH}/#cross-origin-resource-policy-internal-check"
CORS = f"{FETCH}/#cors-check"
WORKER = f"{HTML}/workers.html#worker-processing-model"
FRAME = f"{HTML}/browsers.html#check-a-navigation-response's-adherence-to-its-embedder-policy"
OWNER = f"{HTML}/browsers.html#check-a-global-object's-embedder-policy"


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


@dataclass(frozen=True)
class Answer:
    """`lacks` are the headers, as a person would send them, without which it is blocked; empty where none would help.

    `anonymous`: cookies must not go with it. `source` is the section that decides.
    """

    loaded: bool
    source: str
    lacks: tuple[str, ...] = ()
    anonymous: bool = False


def answer(embedder: Embedder, load: Load, *, framed: bool = True) -> Answer:
    """What becomes of `load` in a page with this embedder policy.

    `framed` is whether the policy binds frames and workers, too: that of Document-Isolation-Policy binds neither
    (https://wicg.github.io/document-isolation-policy/).
    """
    if load.mode == "cors":
        return _with_cors(load)
    if load.mode == "same-origin":
        return _worker(embedder if framed else "unsafe-none", load)
    if load.mode == "navigate":
        return _frame(embedder if framed else "unsafe-none", load)
    return _without_cors(embedder, load)


def _with_cors(load: Load) -> Answer:
    """Fetch, "CORS check"; a resource policy is not asked, for the response is not opaque."""
    if load.relation == "same-origin":
        return Answer(True, CORS)
    if load.cors == "credentials" or (load.cors == "any" and not load.cookies):
        return Answer(True, CORS, anonymous=not load.cookies)
    lacks = ["Access-Control-Allow-Origin"] + (["Access-Control-Allow-Credentials: true"] if load.cookies else [])
    return Answer(False, CORS, tuple(lacks))


def _without_cors(embedder: Embedder, load: Load) -> Answer:
    """Fetch, "HTTP fetch": the resource policy is checked for each response that is opaque, a redirect's too.

    All are from the first one of another origin on, even where the way leads back; those go without cookies under
    credentialless ("Cross-Origin-Embedder-Policy allows credentials").
    """
    hops = [relation for relation in (load.via, load.relation) if relation]
    opaque = hops[next((at for at, hop in enumerate(hops) if hop != "same-origin"), len(hops)) :]
    anonymous = bool(opaque) and embedder == "credentialless"
    lacks = dict.fromkeys(lack for hop in opaque for lack in _policy(embedder, hop, load.corp, anonymous=anonymous))
    return Answer(not lacks, CORP, tuple(lacks), anonymous)


def _policy(
    embedder: Embedder, relation: Relation, corp: str | None, *, anonymous: bool = False, navigation: bool = False
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


def _frame(embedder: Embedder, load: Load) -> Answer:
    lacks: tuple[str, ...] = ()
    if embedder != "unsafe-none" and load.coep not in ("require-corp", "credentialless"):
        lacks += ("Cross-Origin-Embedder-Policy: require-corp",)
    lacks += _policy(embedder, load.relation, load.corp, navigation=True)
    return Answer(not lacks, FRAME, lacks)


def _worker(embedder: Embedder, load: Load) -> Answer:
    """A script of another origin starts no worker, whatever it sends."""
    if load.relation != "same-origin":
        return Answer(False, WORKER)
    if embedder != "unsafe-none" and load.coep not in ("require-corp", "credentialless"):
        return Answer(False, OWNER, ("Cross-Origin-Embedder-Policy: require-corp",))
    return Answer(True, OWNER)
