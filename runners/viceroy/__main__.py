"""The runner of Viceroy: `_launch.py viceroy --binary FILE`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runners.protocol import Interpreted, serve_runner
from runners.viceroy.adapter import Viceroy

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    parser = argparse.ArgumentParser(prog="viceroy", description=__doc__)
    parser.add_argument("--binary", type=Path, required=True, help="Viceroy's executable")
    options = parser.parse_args(arguments)
    return serve_runner(lambda scratch: Interpreted(Viceroy(options.binary.absolute(), scratch), scratch))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
