"""The runner of workerd: `_launch.py workerd --binary FILE --packages NODE_MODULES`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runners.protocol import serve_runner
from runners.workerd.runner import Workerd

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    parser = argparse.ArgumentParser(prog="workerd", description=__doc__)
    parser.add_argument("--binary", type=Path, required=True, help="workerd's executable")
    parser.add_argument("--packages", type=Path, required=True, help="the folder node_modules with the WASI shim")
    options = parser.parse_args(arguments)
    return serve_runner(lambda scratch: Workerd(options.binary.absolute(), options.packages.absolute(), scratch))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
