"""Packages of Debian, where this user may ask apt for them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from runners.provision import execute, locked
from runners.runtime import Log

__all__ = ["install", "may_install"]


def may_install() -> bool:
    """Whether this is root on a machine that has apt."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str], log: Log) -> None:
    """Idempotent. Raises InstallError."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with locked("apt"):
        execute(["apt-get", "update", "-q"], log, environment=quiet)
        execute(["apt-get", "install", "-qy", "--no-install-recommends", *packages], log, environment=quiet)
