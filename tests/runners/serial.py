"""A runner with threads that are none: `serial.py FAMILY [OPTION…]` is ours of that family, but for one thing.

It starts its workers as it must, instantiates all, and then lets one go after the other.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from runners import _launch, workers
from runners.results import reported

TURN = threading.Lock()


def one_by_one(call: Callable[[], Any]) -> dict[str, Any]:
    """Each call waits for the one before to end."""
    with TURN:
        return reported(call)


if __name__ == "__main__":
    vars(workers)["reported"] = one_by_one
    sys.exit(_launch.main(sys.argv[1:]))
