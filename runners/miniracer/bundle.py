"""One script of JavaScript modules: V8 in mini-racer knows no others."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["bundled"]

_RUNNERS = Path(__file__).parents[1]


def bundled(esbuild: Path, packages: Path) -> str:
    """The script that makes a global `runner` of what host.js exports.

    `packages` is the `node_modules` with the WASI shim: where a page's server puts it, beside the interpreter.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for family in ("javascript", "miniracer"):
            (folder / family).mkdir()
            for source in (_RUNNERS / family).glob("*.js"):
                shutil.copy(source, folder / family)
        (folder / "javascript" / "node_modules").symlink_to(packages)
        made = subprocess.run(
            [esbuild, "miniracer/host.js", "--bundle", "--format=iife", "--global-name=runner", "--log-level=warning"],
            cwd=folder, capture_output=True, check=False,
        )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"esbuild: {made.stderr.decode(errors='replace')}")
    return made.stdout.decode()
