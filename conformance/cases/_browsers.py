"""The targets that questions about pages are asked of."""

from __future__ import annotations

from runners.targets import RUNTIMES

__all__ = ["BROWSERS"]

BROWSERS = tuple(f"{runtime.name}+*" for runtime in RUNTIMES.values() if runtime.is_browser)
