"""The runner of wasmtime: `_launch.py wasmtime [--cache DIR] [--mode MODE] [--switches NAMES] [--program DIR]`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from runners._guard import end_with
from runners.protocol import serve
from runners.wasmtime.adapter import PROPOSALS, Wasmtime
from runners.wasmtime.modes import MODES

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serves until the session ends; the process's exit code."""
    parser = argparse.ArgumentParser(prog="wasmtime", description=__doc__)
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep compiled modules here, between sessions")
    parser.add_argument("--mode", choices=[mode for mode in MODES if mode], help="other than Cranelift as it comes")
    parser.add_argument(
        "--switches", type=str.split, default=PROPOSALS, metavar="NAMES",
        help="what of the engine's Config is on beside its defaults, in one word (without: all proposals)",
    )  # fmt: skip
    parser.add_argument("--program", type=Path, metavar="DIR", help="be the WASI program with threads that is there")
    options = parser.parse_args(arguments)
    # Where the user has RUST_BACKTRACE, some versions (40) would take a millisecond to say that a module trapped.
    os.environ["RUST_LIB_BACKTRACE"] = "0"
    if options.program:
        end_with(os.getppid(), signal.SIGKILL)
        Wasmtime(None, options.mode, options.switches).be_program(options.program)
    return serve(lambda: Wasmtime(options.cache, options.mode, options.switches))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
