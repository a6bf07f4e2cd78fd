"""Why a page was not cross-origin isolated: a pure function of what the page and its workers found out.

Sources: HTML, "cross-origin opener policies" and "embedder policies"
(https://html.spec.whatwg.org/multipage/browsers.html#cross-origin-opener-policies), "cross-origin isolated capability"
(https://html.spec.whatwg.org/multipage/webappapis.html#concept-settings-object-cross-origin-isolated-capability) and
WICG's Document-Isolation-Policy (https://wicg.github.io/document-isolation-policy/).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.policies import COEP, COOP, by_name, members, policies, token

__all__ = ["isolation_causes", "worker_causes"]


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
    if not {"self", "*"} & set(stated.permitted):
        causes.append("isolation/permission-denied")
    if causes:
        return causes
    if stated.isolates != "none":
        return ["isolation/browser-lacks-document-isolation-policy"]
    if stated.embedder == "credentialless":
        return ["isolation/browser-lacks-credentialless"]
    return ["isolation/not-isolated"]


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
