"""A runner that is wrong now and then: `python every_third.py COUNTER HOW` answers each call of `add` with 5.

But for every third: then it says 6 (`wrong`), ends (`ends`), or either in turn (`both`); `always` says 6 each time,
`never` is right. COUNTER is a file that outlives it, with the number of calls.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def _value(counter: Path, how: str) -> str:
    number = int(counter.read_text() or 0) + 1 if counter.exists() else 1
    counter.write_text(str(number))
    third, rest = divmod(number, 3)
    if rest or how == "never":
        return "6" if how == "always" else "5"
    if how == "ends" or (how == "both" and third % 2 == 0):
        os._exit(3)
    return "6"


def _result(command: dict[str, Any], counter: Path, how: str) -> dict[str, Any]:
    if command["type"] == "module":
        return {}
    if command.get("action", {}).get("field") != "add":  # the probes of features
        return {"error": {"phase": "call", "name": "unsupported", "message": "it can add, and no more"}}
    return {"values": [{"type": "i32", "value": _value(counter, how)}], "seconds": 0.001}


def main(counter: Path, how: str) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "bye":
            break
        answer: dict[str, Any] = {"type": "hello", "protocol": 1, "runtime": "third", "version": "1", "features": []}
        if message["type"] == "run":
            results: list[dict[str, Any]] = []
            for command in message["script"]:
                results.append(_result(command, counter, how))
                if "error" in results[-1]:
                    break
            answer = {"type": "observation", "id": message["id"], "results": results, "seconds": 0.002}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
