"""Why a page was not cross-origin isolated: a pure function of what the page and its workers found out.

Sources: HTML, "cross-origin opener policies" and "embedder policies"
(https://html.spec.whatwg.org/multipage/browsers.html#cross-origin-opener-policies), "cross-origin isolated capability"
(https://html.spec.whatwg.org/multipage/webappapis.html#concept-settings-object-cross-origin-isolated-capability) and
WICG's Document-Isolation-Policy (https://wicg.github.io/document-isolation-policy/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["isolation_causes", "worker_causes"]

_ISOLATING_COEP = ("require-corp", "credentialless")
_ISOLATING_DIP = ("isolate-and-require-corp", "isolate-and-credentialless")
_STRING = r'"(?:[^"\\]|\\.)*"'
_KEY = r"[a-z*][a-z0-9_.*-]*"
_TOKEN = r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*"  # noqa: S105 (RFC 9651, section 3.3.4)
_ITEM = re.compile(rf"({_TOKEN})(?:; *{_KEY}(?:=(?:{_STRING}|[^\s;,\"]+))?)*")
_MEMBERS = re.compile(rf"(?:{_STRING}|\([^)]*\)|[^,\"])+")
_PERMISSION = re.compile(r"cross-origin-isolated\s*(?:=\s*(?:\((?P<list>[^)]*)\)|(?P<one>[^;]+)))?\s*(?:;.*)?")


def isolation_causes(facts: Mapping[str, Any]) -> list[str]:
    """The conditions that are not met, all of them, in the order in which a browser asks for them.

    `facts`: `crossOriginIsolated`, `isSecureContext`, `originAgentCluster` (bool), `headers` (response headers of the
    document, those that were sent twice joined by a comma as browsers do).
    """
    if facts.get("crossOriginIsolated"):
        shared = facts.get("originAgentCluster") is False
        return ["isolation/agent-cluster" if shared else "isolation/post-message-refused"]
    headers = _by_name(facts.get("headers"))
    secure = [] if facts.get("isSecureContext") is not False else ["isolation/insecure-context"]
    causes = [] if _document_isolation(headers) else [*_opener(headers), *_embedder(headers)]
    if _is_denied(headers.get("permissions-policy", "")):
        causes.append("isolation/permission-denied")
    causes = secure + causes
    if causes:
        return causes
    if _document_isolation(headers):
        return ["isolation/browser-lacks-document-isolation-policy"]
    if _token(headers["cross-origin-embedder-policy"]) == "credentialless":
        return ["isolation/browser-lacks-credentialless"]
    return ["isolation/not-isolated"]


def worker_causes(facts: Mapping[str, Any]) -> list[str]:
    """Why an isolated page's worker did not load, as far as headers tell; empty where they are not to blame.

    `facts`: `crossOriginIsolated`, `headers` and `workerHeaders` (those of the worker's script).

    HTML, "check a global object's embedder policy": under COEP, or the document's isolation policy, a worker's script
    must have an embedder policy of its own.
    """
    worker = _by_name(facts.get("workerHeaders"))
    document = _by_name(facts.get("headers"))
    if _embedder(document) or not _embedder(worker):
        return []
    return ["isolation/worker-script-without-coep"]


def _by_name(headers: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(name).lower(): str(value).strip() for name, value in (headers or {}).items()}


def _opener(headers: Mapping[str, str]) -> list[str]:
    """What keeps the opener policy from isolating: HTML, "obtain an opener policy"."""
    value = headers.get("cross-origin-opener-policy")
    if value is not None:
        return [] if _token(value) == "same-origin" else ["isolation/coop-wrong"]
    if "cross-origin-opener-policy-report-only" in headers:
        return ["isolation/report-only:coop"]
    return ["isolation/coop-missing"]


def _embedder(headers: Mapping[str, str]) -> list[str]:
    """What keeps the embedder policy from isolating: HTML, "obtain an embedder policy"."""
    value = headers.get("cross-origin-embedder-policy")
    if value is None:
        reported = "cross-origin-embedder-policy-report-only" in headers
        return ["isolation/report-only:coep" if reported else "isolation/coep-missing"]
    if _token(value) in _ISOLATING_COEP:
        return []
    several = len(_split(value)) > 1
    return ["isolation/coep-duplicated" if several else "isolation/coep-wrong"]


def _document_isolation(headers: Mapping[str, str]) -> bool:
    return _token(headers.get("document-isolation-policy", "")) in _ISOLATING_DIP


def _is_denied(policy: str) -> bool:
    """Whether a Permissions-Policy keeps the document itself from being isolated; of two entries the last counts."""
    found = [match for member in _split(policy) if (match := _PERMISSION.fullmatch(member.strip()))]
    if not found:
        return False
    allowed = found[-1]["list"] if found[-1]["list"] is not None else (found[-1]["one"] or "")
    return not {"self", "*"} & set(allowed.split())


def _token(value: str) -> str | None:
    """The token of a structured field that is one item, without its parameters (`report-to=…`); None for what is not.

    RFC 9651, section 4.2: what does not parse as a whole counts as absent, two values too.
    """
    match = _ITEM.fullmatch(value)
    return match[1] if match else None


def _split(value: str) -> Sequence[str]:
    """The members of a list, which headers that were sent twice become; commas in strings and parentheses part none."""
    return [member for member in _MEMBERS.findall(value) if member.strip()]
