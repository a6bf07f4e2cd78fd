"""The runner of WAMR: `_launch.py wamr LIBRARY --interpreter fast|classic`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runners.protocol import serve
from runners.wamr.adapter import Wamr

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    parser = argparse.ArgumentParser(prog="wamr", description=__doc__)
    parser.add_argument("library", type=Path, metavar="LIBRARY", help="libiwasm.so")
    parser.add_argument("--interpreter", required=True, help="which one it was built with")
    options = parser.parse_args(arguments)
    return serve(lambda: Wamr(options.library, options.interpreter))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
