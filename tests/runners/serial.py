"""A runner with threads that are none: `serial.py FAMILY [OPTION…]` is ours of that family, but for one thing.

It starts its workers as it must, instantiates all, and then lets one go after the other.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from runners import _launch, interpreter
from runners.workers import Plan, Workers


class Serial(Workers):
    """Each call waits for the one before to end."""

    def __init__(self, plan: Plan) -> None:
        turn, report = threading.Lock(), plan.report

        def one_by_one(call: Callable[[], Any]) -> dict[str, Any]:
            with turn:
                return report(call)

        super().__init__(replace(plan, report=one_by_one))


if __name__ == "__main__":
    vars(interpreter)["Workers"] = Serial
    sys.exit(_launch.main(sys.argv[1:]))
