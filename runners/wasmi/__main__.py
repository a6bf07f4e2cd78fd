"""The runner of wasmi: `_launch.py wasmi`."""

from __future__ import annotations

import sys

from runners.protocol import serve
from runners.wasmi.adapter import Wasmi

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    if arguments:
        sys.stderr.write("usage: _launch.py wasmi\n")
        return 2
    return serve(Wasmi)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
