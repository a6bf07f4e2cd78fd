"""The runner of wasmtime: `_launch.py wasmtime [--cache DIR] [--switches NAMES]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runners.protocol import serve
from runners.wasmtime.adapter import PROPOSALS, Wasmtime

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    parser = argparse.ArgumentParser(prog="wasmtime", description=__doc__)
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep compiled modules here, between sessions")
    parser.add_argument(
        "--switches", type=str.split, default=PROPOSALS, metavar="NAMES",
        help="what of the engine's Config is on beside its defaults, in one word (without: all proposals)",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    return serve(lambda: Wasmtime(options.cache, options.switches))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
