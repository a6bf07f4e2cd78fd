"""The runner of mini-racer: `_launch.py miniracer --esbuild FILE --packages NODE_MODULES`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runners.miniracer.bundle import bundled
from runners.miniracer.runner import MiniRacer
from runners.protocol import serve_runner

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    parser = argparse.ArgumentParser(prog="miniracer", description=__doc__)
    parser.add_argument("--esbuild", type=Path, required=True, help="makes one script of modules")
    parser.add_argument("--packages", type=Path, required=True, help="where the WASI shim is")
    options = parser.parse_args(arguments)
    return serve_runner(lambda _scratch: MiniRacer(bundled(options.esbuild, options.packages)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
