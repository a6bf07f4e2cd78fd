"""Why a page, or a context that it opened, has no threads: pure functions of what they found out, and of headers.

Sources: HTML, "cross-origin opener policies" and "embedder policies"
(https://html.spec.whatwg.org/multipage/browsers.html#cross-origin-opener-policies), "cross-origin isolated capability"
(https://html.spec.whatwg.org/multipage/webappapis.html#concept-settings-object-cross-origin-isolated-capability) and
WICG's Document-Isolation-Policy (https://wicg.github.io/document-isolation-policy/).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.contexts import Place, document_of, is_allowed, lets_itself_be_embedded, place_of, sent
from conformance.policies import COEP, COOP, by_name, headers_of, members, policies, token
from headers_server.profiles import Profile

__all__ = ["context_causes", "has_threads", "isolation_causes", "sharing_causes", "worker_causes"]


def isolation_causes(facts: Mapping[str, Any]) -> list[str]:
    """The conditions that are not met, all of them, in the order in which a browser asks for them.

    `facts`: `crossOriginIsolated`, `isSecureContext`, `originAgentCluster` (bool), `headers` (response headers of the
    document, those that were sent twice joined by a comma as browsers do).
    """
    if facts.get("crossOriginIsolated"):
        shared = facts.get("originAgentCluster") is False
        return ["isolation/agent-cluster" if shared else "isolation/post-message-refused"]
    headers = by_name(facts.get("headers"))
    stated = policies(headers)
    secure = [] if facts.get("isSecureContext") is not False else ["isolation/insecure-context"]
    causes = [*secure, *([] if stated.isolates != "none" else [*_opener(headers), *_embedder(headers)])]
    if not stated.permits_itself:
        causes.append("isolation/permission-denied")
    if causes:
        return causes
    if stated.isolates != "none":
        return ["isolation/browser-lacks-document-isolation-policy"]
    if stated.embedder == "credentialless":
        return ["isolation/browser-lacks-credentialless"]
    return ["isolation/not-isolated"]


def sharing_causes(facts: Mapping[str, Any]) -> list[str]:
    """Why a page has no memory to share, as far as its own `facts` tell (those of `isolation_causes`, and
    `SharedArrayBuffer`, its type); empty where it has."""
    if facts.get("SharedArrayBuffer") != "undefined":
        return []
    if facts.get("crossOriginIsolated"):
        return ["isolation/browser-lacks-shared-array-buffer"]
    return isolation_causes(facts)


def worker_causes(facts: Mapping[str, Any]) -> list[str]:
    """Why an isolated page's worker did not load, as far as headers tell; empty where they are not to blame.

    `facts`: `crossOriginIsolated`, `headers` and `workerHeaders` (those of the worker's script).

    HTML, "check a global object's embedder policy": under COEP, or the document's isolation policy, a worker's script
    must have an embedder policy of its own.
    """
    document, worker = (policies(by_name(facts.get(key))) for key in ("headers", "workerHeaders"))
    if document.embeds_safely and not worker.embeds_safely:
        return ["isolation/worker-script-without-coep"]
    return []


def has_threads(facts: Mapping[str, Any]) -> bool:
    """Whether a context can share memory with workers of its own; `facts` are those of the probe `contexts`."""
    return facts.get("share") == "used"


def context_causes(context: Mapping[str, Any], profile: Profile, facts: Mapping[str, Any]) -> list[str]:
    """Why a context has no threads, or shares no memory with the page that opened it; empty where it has, and does.

    `context` is what the probe `contexts` was asked, `facts` what it answered: also of the page, `pageIsolated`.
    """
    settled = facts.get("settled") is not False and "unsettled" not in (facts.get("sent"), facts.get("received"))
    page, place = document_of(profile), place_of(context, profile)
    if not facts.get("loaded"):
        silent = "isolation/not-loaded" if settled else "isolation/never-settled"
        return _not_loaded(context, page, place) or [silent]
    if not settled:
        return ["isolation/never-settled"]
    causes = [] if has_threads(facts) else _no_threads(context, profile, facts)
    if facts.get("opener") is False:
        causes.append("isolation/opener-lost")
    if not causes and "messageerror" in (facts.get("sent"), facts.get("received")):
        causes.append("isolation/agent-cluster")
    return causes


def _not_loaded(context: Mapping[str, Any], page: Place, place: Place) -> list[str]:
    """What HTML and Fetch want of a frame's response, or of a worker's script, and did not get."""
    if context["kind"] == "service" and not page.secure:
        return ["isolation/insecure-context"]
    if not page.stated.embeds_safely:
        return []
    if context.get("credentialless"):
        return ["isolation/browser-lacks-credentialless"]
    lacks_coep = not place.stated.embeds_safely
    if context["kind"] != "frame":
        return ["isolation/worker-script-without-coep"] if lacks_coep else []
    lacking = {"coep": lacks_coep, "corp": not lets_itself_be_embedded(context)}
    return [f"isolation/frame-without-{header}" for header, lacks in lacking.items() if lacks]


def _no_threads(context: Mapping[str, Any], profile: Profile, facts: Mapping[str, Any]) -> list[str]:
    """What keeps a context that loaded from sharing memory: its memory, the page's mistakes, then its own."""
    causes = [] if facts.get("memory") == "SharedArrayBuffer" else ["isolation/memory-not-shared"]
    if facts.get("crossOriginIsolated") is not True:
        lacking = _OF_KIND.get(context["kind"], _of_worker)(context, profile, facts)
        return causes + (list(dict.fromkeys(lacking)) or ["isolation/not-isolated"])
    if facts.get("SharedArrayBuffer") is not True:
        return [*causes, "isolation/browser-lacks-shared-array-buffer"]
    return causes or ["isolation/post-message-refused"]


def _of_document(context: Mapping[str, Any], profile: Profile, facts: Mapping[str, Any]) -> list[str]:
    if profile.service_worker and not context.get("bare") and facts.get("controlled") is False:
        return ["isolation/service-worker-not-in-control"]
    return _of_headers(sent(context, profile, "document"), facts)


def _of_page(profile: Profile, facts: Mapping[str, Any]) -> list[str]:
    """Nothing where the page itself is isolated."""
    return [] if facts.get("pageIsolated") else _of_headers(headers_of(profile, "document"), facts)


def _of_headers(headers: Mapping[str, str], facts: Mapping[str, Any]) -> list[str]:
    secure = facts.get("isSecureContext")
    return isolation_causes({"crossOriginIsolated": False, "isSecureContext": secure, "headers": headers})


def _of_frame(context: Mapping[str, Any], profile: Profile, facts: Mapping[str, Any]) -> list[str]:
    """A frame is isolated with its page where COOP and COEP do it; a Document-Isolation-Policy is each one's own."""
    page, place = document_of(profile), place_of(context, profile)
    its_own = place.stated.isolates != "none" and page.stated.isolates == "none"
    causes = [] if its_own else _of_page(profile, facts)
    if not causes and page.stated.isolates != "none" and place.stated.isolates == "none":
        causes.append("isolation/frame-without-document-isolation-policy")
    if page.stated.permits_itself and not is_allowed(context, page):
        causes.append("isolation/frame-without-allow")
    if not place.stated.permits_itself:
        causes.append("isolation/permission-denied")
    return causes


def _of_worker(context: Mapping[str, Any], profile: Profile, facts: Mapping[str, Any]) -> list[str]:
    data = ["isolation/data-url-worker"] if context.get("via") == "data" else []
    return _of_page(profile, facts) + data


def _of_own_worker(context: Mapping[str, Any], profile: Profile, facts: Mapping[str, Any]) -> list[str]:
    """Shared and service workers: whether their page is isolated does not matter."""
    insecure = ["isolation/insecure-context"] if facts.get("isSecureContext") is False else []
    bare = {} if context["kind"] == "service" and profile.service_worker else sent(context, profile, "worker")
    return insecure + ([] if policies(bare).embeds_safely else ["isolation/worker-script-without-coep"])


_OF_KIND = {
    "document": _of_document,
    "popup": _of_document,
    "frame": _of_frame,
    "shared": _of_own_worker,
    "service": _of_own_worker,
}


def _opener(headers: Mapping[str, str]) -> list[str]:
    """What keeps the opener policy from isolating: HTML, "obtain an opener policy"."""
    value = headers.get(COOP)
    if value is not None:
        return [] if token(value) == "same-origin" else ["isolation/coop-wrong"]
    return ["isolation/report-only:coop" if f"{COOP}-report-only" in headers else "isolation/coop-missing"]


def _embedder(headers: Mapping[str, str]) -> list[str]:
    """What keeps the embedder policy from isolating: HTML, "obtain an embedder policy"."""
    value = headers.get(COEP)
    if value is None:
        return ["isolation/report-only:coep" if f"{COEP}-report-only" in headers else "isolation/coep-missing"]
    if policies(headers).embeds_safely:
        return []
    return ["isolation/coep-duplicated" if len(members(value)) > 1 else "isolation/coep-wrong"]
