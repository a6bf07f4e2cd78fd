"""The runner of wasmer: `_launch.py wasmer [--compiler cranelift|singlepass|llvm] [--cache DIR]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runners.protocol import serve
from runners.wasmer.adapter import COMPILERS, Wasmer

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    parser = argparse.ArgumentParser(prog="wasmer", description=__doc__)
    parser.add_argument("--compiler", choices=COMPILERS, default=COMPILERS[0])
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep compiled modules here, between sessions")
    options = parser.parse_args(arguments)
    return serve(lambda: Wasmer(options.compiler, options.cache))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
