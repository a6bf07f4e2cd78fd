"""The runner of wasmer 1.1: `_launch.py wasmer.v1 [--compiler cranelift|singlepass]`."""

from __future__ import annotations

import argparse
import sys

from runners.protocol import serve
from runners.wasmer.v1.adapter import COMPILERS, Wasmer

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    parser = argparse.ArgumentParser(prog="wasmer.v1", description=__doc__)
    parser.add_argument("--compiler", choices=COMPILERS, default=COMPILERS[0])
    options = parser.parse_args(arguments)
    return serve(lambda: Wasmer(options.compiler), holds_gil=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
