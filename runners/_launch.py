"""Starts a runner of ours in a runtime's own environment: `ENVPYTHON -I -B runners/_launch.py FAMILY [OPTION…]`.

The package `runners` is imported from this file's own folder, and nothing else of the place where it is installed: the
packages of the environment that started us must not be seen by (nor hide those of) the runtime's.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

__all__ = ["main"]


def _import_runners() -> None:
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        "runners", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is no package")
    package = importlib.util.module_from_spec(spec)
    sys.modules["runners"] = package
    spec.loader.exec_module(package)


def main(arguments: list[str]) -> int:
    """Runs `main(options)` of `runners.FAMILY.__main__` and gives its exit code; 2 for wrong usage."""
    if not arguments or not all(name.isidentifier() for name in arguments[0].split(".")):
        sys.stderr.write("usage: _launch.py FAMILY [OPTION…]\n")
        return 2
    _import_runners()
    family = importlib.import_module(f"runners.{arguments[0]}.__main__")
    return int(family.main(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
