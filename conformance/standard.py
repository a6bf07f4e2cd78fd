"""What the standards require of a browser under a profile: what browsers are compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conformance import contexts, fetching
from conformance.isolation import context_causes, has_threads
from conformance.rules import Rules
from headers_server.profiles import Profile

__all__ = ["PROBES", "Probe"]


@dataclass(frozen=True)
class Probe:
    """Pure functions of what a probe was asked (`with`) and of the profile, the second of its facts, too.

    `rules`: what each fact must be. `explain`: what a report shows beside the facts: `causes`, and more.
    """

    rules: Callable[[Mapping[str, Any], Profile], Rules]
    explain: Callable[[Mapping[str, Any], Profile, Mapping[str, Any]], dict[str, Any]]


def _threads(context: Mapping[str, Any], profile: Profile, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Whether threads work there and, where not, or where no memory is shared with the page, the causes."""
    return {"threads_work": has_threads(facts), "causes": context_causes(context, profile, facts)}


PROBES: Mapping[str, Probe] = MappingProxyType(
    {"contexts": Probe(contexts.rules, _threads), "subresources": Probe(fetching.rules, fetching.explain)}
)
"""By name."""
