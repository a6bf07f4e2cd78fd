"""isolation: what each context of a page has of threads, asked of browsers under each profile of headers.

The context is data (`headers_server/pages/probes/contexts.js` says its keys); what its facts must be under a profile is
in conformance/contexts.py.
"""

from __future__ import annotations

from typing import Any

from conformance.case import Case, Script
from conformance.cases._browsers import BROWSERS

__all__ = ["CASES", "WITHIN"]

WITHIN = 5.0  # seconds until what has not answered counts as unsettled

_ALLOW = "cross-origin-isolated"


def _context(name: str, title: str, kind: str, **more: Any) -> Case:
    def build(_: None) -> Script:
        context = {"kind": kind, **more}
        return [{"type": "probe", "probe": "contexts", "with": context, "within": WITHIN, "expect": {"standard": True}}]

    return Case(f"isolation/{name}", "", build, title, targets=BROWSERS)


def _elsewhere(name: str, title: str, origin: str = "cross-site", **more: Any) -> Case:
    return _context(f"frame-{name}", title, "frame", origin=origin, **more)


CASES = [
    _context("document", "the page itself", "document"),
    _context("frame-same-origin", "a frame of the page's own origin", "frame"),
    _context("frame-same-origin-bare", "the same, without any header", "frame", bare=True),
    _context(
        "frame-same-origin-denied", "the same, not allowed to be isolated", "frame",
        allow=f"{_ALLOW} 'none'",
    ),
    _elsewhere("cross-site", "a frame of another site, with CORP", corp="cross-origin"),
    _elsewhere("cross-site-allowed", "the same, allowed to be isolated", corp="cross-origin", allow=_ALLOW),
    _elsewhere(
        "same-site-allowed", "the same of the page's own site, from another port", "same-site",
        corp="cross-origin", allow=_ALLOW,
    ),
    _elsewhere("cross-site-without-corp", "a frame of another site, without CORP"),
    _elsewhere("cross-site-bare", "a frame of another site that comes without headers", bare=True),
    _elsewhere(
        "cross-site-credentialless", "the same, without cookies and storage", bare=True, credentialless=True
    ),
    _elsewhere(
        "cross-site-credentialless-allowed", "the same, allowed to be isolated", bare=True, credentialless=True,
        allow=_ALLOW,
    ),
    _context("popup", "a pop-up of the page's own origin, and what is left of its opener", "popup"),
    _context("popup-bare", "the same, without any header", "popup", bare=True),
    _context("popup-cross-site", "a pop-up of another site", "popup", origin="cross-site"),
    _context("worker", "a dedicated worker", "worker"),
    _context("worker-bare", "a dedicated worker whose script comes without headers", "worker", bare=True),
    _context("worker-module", "a dedicated worker from a module script", "worker", via="module"),
    _context("worker-blob", "a dedicated worker from a blob: URL", "worker", via="blob"),
    _context("worker-data", "a dedicated worker from a data: URL", "worker", via="data"),
    _context("worker-nested", "a dedicated worker that a dedicated worker starts", "nested"),
    _context("worker-shared", "a shared worker", "shared"),
    _context("worker-shared-bare", "a shared worker whose script comes without headers", "shared", bare=True),
    _context("worker-service", "a service worker", "service"),
]  # fmt: skip
