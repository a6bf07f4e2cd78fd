"""The runner of WasmEdge: `_launch.py wasmedge LIBRARY`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runners.protocol import serve
from runners.wasmedge.adapter import WasmEdge

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    parser = argparse.ArgumentParser(prog="wasmedge", description=__doc__)
    parser.add_argument("library", type=Path, metavar="LIBRARY", help="libwasmedge.so.0")
    options = parser.parse_args(arguments)
    return serve(lambda: WasmEdge(options.library))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
