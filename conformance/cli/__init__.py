"""The command line `wasm-matrix`: thin, one file a command.

Exit codes: 0 as expected, 1 unexpected results, 2 wrong usage, 3 nothing ran, 130 interrupted.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Runs the command line; Ctrl-C while it is still being imported ends it like Ctrl-C later on."""
    try:
        from conformance.cli._commands import commands
    except KeyboardInterrupt:
        sys.exit(130)
    commands(prog_name="wasm-matrix")
