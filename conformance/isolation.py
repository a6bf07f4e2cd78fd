"""Why a page was not cross-origin isolated: a pure function of what the page and its workers found out.

Source: HTML, "cross-origin isolation mode" and "obtain an embedder/opener policy"; https://html.spec.whatwg.org/multipage/document-sequences.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["isolation_causes"]

_ISOLATING_COEP = ("require-corp", "credentialless")


def isolation_causes(facts: Mapping[str, Any]) -> list[str]:
    """The conditions that are not met, all of them, in the order in which a browser asks for them.

    `facts`: `crossOriginIsolated`, `isSecureContext` (bool), `headers` (response headers of the document, names in
    lower case).
    """
    if facts.get("crossOriginIsolated"):
        return ["isolation/post-message-refused"]
    causes = []
    headers = {str(name).lower(): str(value).strip() for name, value in (facts.get("headers") or {}).items()}
    if facts.get("isSecureContext") is False:
        causes.append("isolation/insecure-context")
    opener = headers.get("cross-origin-opener-policy")
    if opener is None:
        causes.append("isolation/coop-missing")
    elif _token(opener) != "same-origin":
        causes.append("isolation/coop-wrong")
    embedder = headers.get("cross-origin-embedder-policy")
    if embedder is None:
        causes.append("isolation/coep-missing")
    elif _token(embedder) not in _ISOLATING_COEP:
        causes.append("isolation/coep-wrong")
    return causes or ["isolation/not-isolated"]


def _token(value: str) -> str:
    """A structured-field item without its parameters (`report-to=…`)."""
    return value.partition(";")[0].strip()
