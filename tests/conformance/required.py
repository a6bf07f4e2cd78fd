"""What must come of each profile that is shipped: by hand, and so a test of what derives it from headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["REQUIRED", "Required"]

_HTML = "https://html.spec.whatwg.org/multipage"
_COOP = f"{_HTML}/browsers.html#obtain-coop"
_COEP = f"{_HTML}/browsers.html#obtain-an-embedder-policy"
_CAPABILITY = f"{_HTML}/webappapis.html#concept-settings-object-cross-origin-isolated-capability"
_ITEM = "https://www.rfc-editor.org/rfc/rfc9651#section-4.2"
_DIP = "https://wicg.github.io/document-isolation-policy/"


@dataclass(frozen=True)
class Required:
    """`isolated`: crossOriginIsolated of the page. `threads`: whether a shared memory reaches a worker.

    `causes` are those of a cell that needs it to, where it does not; `source` is the section that says so.
    """

    isolated: bool
    threads: bool
    source: str
    causes: tuple[str, ...] = ()


def _isolates(source: str) -> Required:
    return Required(isolated=True, threads=True, source=source)


def _blocks(source: str, *causes: str) -> Required:
    return Required(False, False, source, tuple(f"isolation/{cause}" for cause in causes))


REQUIRED: Mapping[str, Required] = MappingProxyType(
    {
        "none": _blocks(_COOP, "coop-missing", "coep-missing"),
        "isolated": _isolates(_COOP),
        "credentialless": _isolates(_COEP),
        "coop-only": _blocks(_COOP, "coep-missing"),
        "coep-only": _blocks(_COOP, "coop-missing"),
        "allow-popups": _blocks(_COOP, "coop-wrong"),
        "noopener-allow-popups": _blocks(_COOP, "coop-wrong"),
        "coop-report-only": _blocks(_COOP, "report-only:coop"),
        "coep-report-only": _blocks(_COEP, "report-only:coep"),
        "report-only": _blocks(_COOP, "report-only:coop", "report-only:coep"),
        "dip-require-corp": _isolates(_DIP),
        "dip-credentialless": _isolates(_DIP),
        "permission-denied": _blocks(_CAPABILITY, "permission-denied"),
        "site-keyed": _isolates(f"{_HTML}/webappapis.html#obtain-similar-origin-window-agent"),
        "coep-twice": _blocks(_ITEM, "coep-duplicated"),
        "coep-list": _blocks(_ITEM, "coep-duplicated"),
        "coop-twice": _blocks(_ITEM, "coop-wrong"),
        "coep-misspelt": _blocks(_COEP, "coep-wrong"),
        "coep-capital": _blocks(_COEP, "coep-wrong"),
        "worker-without-coep": Required(
            isolated=True,
            threads=False,
            source=f"{_HTML}/browsers.html#check-a-global-object's-embedder-policy",
            causes=("isolation/worker-script-without-coep",),
        ),
        "insecure": _blocks(_COOP, "insecure-context"),
        "https": _isolates(_COOP),
        "service-worker": _isolates(_COOP),
        # No standard's, but the point of the control: not isolated, and yet memory is shared.
        "forced": Required(isolated=False, threads=True, source=_CAPABILITY),
    }
)
