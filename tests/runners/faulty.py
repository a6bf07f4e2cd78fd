"""A runner that breaks the protocol in one way: `python faulty.py FAULT COMMAND…` stands between host and COMMAND.

What comes and goes is real, but for the fault; so each shows that the conformance test sees this one.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Message = dict[str, Any]
Change = Callable[[Message], None]


def _values(change: Callable[[Message], None]) -> Change:
    """Changes each value that a result holds."""

    def of(message: Message) -> None:
        for result in message.get("results", ()):
            for value in result.get("values", ()):
                change(value)

    return of


def _results(change: Callable[[Message], None]) -> Change:
    def of(message: Message) -> None:
        for result in message.get("results", ()):
            change(result)

    return of


def _commands(change: Callable[[Message], None]) -> Change:
    """Changes each command on its way in."""

    def of(message: Message) -> None:
        script = message.get("script")
        for command in script if isinstance(script, list) else ():
            if isinstance(command, dict):
                change(command)

    return of


def _quiet(value: Message) -> None:
    width, exponent, quiet = {"f32": (32, 0x7F800000, 1 << 22), "f64": (64, 0x7FF << 52, 1 << 51)}.get(
        value["type"], (0, 0, 0)
    )
    if width and (bits := int(value["value"])) & exponent == exponent and bits & (quiet * 2 - 1):
        value["value"] = str(bits | quiet)


def _signed(value: Message) -> None:
    if value["type"] == "i32" and int(value["value"]) >> 31:
        value["value"] = str(int(value["value"]) - (1 << 32))


def _as_double(value: Message) -> None:
    if value["type"] == "i64":
        value["value"] = str(int(float(value["value"])) % (1 << 64))


def _swap_lanes(value: Message) -> None:
    if value["type"] == "v128":
        value["value"].reverse()


def _zero_is_null(value: Message) -> None:
    if value["type"] == "externref" and value["value"] == "0":
        value["value"] = "null"


def _drop_second(result: Message) -> None:
    if "values" in result:
        del result["values"][1:]


def _kinds(*kinds: str) -> Callable[[Message], None]:
    def change(result: Message) -> None:
        if "trap" in result:
            result["trap"]["kinds"] = list(kinds)

    return change


def _exception_is_trap(result: Message) -> None:
    if "exception" in result:
        result["trap"] = {"kinds": [], **result.pop("exception")}


def _phase(old: str, new: str) -> Callable[[Message], None]:
    def change(result: Message) -> None:
        if (result.get("error") or {}).get("phase") == old:
            result["error"]["phase"] = new

    return change


def _go_on(message: Message) -> None:
    if "error" in (message.get("results") or [{}])[-1]:
        message["results"].append({})


def _stop_at_trap(message: Message) -> None:
    results = message.get("results", [])
    for index, result in enumerate(results):
        if "trap" in result:
            del results[index + 1 :]


def _trust(command: Message) -> None:
    """Makes the hash that of the file, as if it were never compared."""
    for data in (command, command.get("data")):
        if isinstance(data, dict) and isinstance(data.get("path"), str) and Path(data["path"]).exists():
            data["sha256"] = hashlib.sha256(Path(data["path"]).read_bytes()).hexdigest()


def _forget_plus(command: Message) -> None:
    if isinstance(command.get("address"), dict):
        command["address"].pop("plus", None)


def _shift_stack(command: Message) -> None:
    if command.get("type") == "spawn":
        command["stack"]["address"] += 16


def _one_worker_less(command: Message) -> None:
    if command.get("type") == "spawn":
        command["workers"] -= 1


def _without(key: str) -> Callable[[Message], None]:
    def change(command: Message) -> None:
        if command.get("type") == "atomics":
            command.pop(key, None)

    return change


def _no_sign(command: Message) -> None:
    if command.get("element") == "Int8Array":
        command["element"] = "Uint8Array"


def _hide_trap_of_worker(result: Message) -> None:
    for worker in result.get("workers", ()):
        if worker.pop("trap", None):
            worker["values"] = []


def _grant(**more: Any) -> Callable[[Message], None]:
    def change(command: Message) -> None:
        if command.get("type") == "wasi":
            for key, value in more.items():
                command[key] = {**command[key], **value} if isinstance(value, dict) else [*command[key], *value]

    return change


def _set(key: str, value: Any) -> Callable[[Message], None]:
    def change(result: Message) -> None:
        if key in result:
            result[key] = value

    return change


def _swap(one: str, other: str) -> Callable[[Message], None]:
    def change(result: Message) -> None:
        if one in result and other in result:
            result[one], result[other] = result[other], result[one]

    return change


def _one_time_less(result: Message) -> None:
    result.get("times", [0]).pop()


def _unknown_feature(message: Message) -> None:
    if message["type"] == "hello":
        message["features"] = ["teleportation"]


def _nameless(message: Message) -> None:
    if message["type"] == "hello":
        message["version"] = ""


def _next_id(message: Message) -> None:
    if message["type"] == "observation":
        message["id"] += 1


def _no_script_phase(message: Message) -> None:
    _results(_phase("script", "call"))(message)


OUT: dict[str, tuple[str, Change]] = {
    "quiet-nan-f32": ("values/f32", _values(_quiet)),
    "quiet-nan-f64": ("values/f64", _values(_quiet)),
    "signed-i32": ("values/i32", _values(_signed)),
    "i64-as-double": ("values/i64", _values(_as_double)),
    "swapped-lanes": ("values/v128", _values(_swap_lanes)),
    "zero-is-null": ("values/references", _values(_zero_is_null)),
    "first-result-only": ("values/several-results", _results(_drop_second)),
    "quiet-globals": ("values/globals", _values(_quiet)),
    "always-unreachable": ("failures/traps", _results(_kinds("unreachable"))),
    "own-words": ("failures/traps", _results(_kinds("wasm trap"))),
    "wrong-table-kind": ("failures/table-trap", _results(_kinds("out of bounds memory access"))),
    "wrong-atomic-kind": ("failures/atomic-traps", _results(_kinds("unaligned atomic"))),
    "wrong-null-kind": ("failures/null-trap", _results(_kinds("unreachable"))),
    "exception-is-trap": ("failures/exception", _results(_exception_is_trap)),
    "stops-at-trap": ("failures/goes-on-after-a-trap", _stop_at_trap),
    "goes-on-after-error": ("failures/stops-after-an-error", _go_on),
    "link-is-compile": ("failures/link", _results(_phase("link", "compile"))),
    "compile-is-link": ("failures/compile", _results(_phase("compile", "link"))),
    "call-is-script": ("failures/call", _results(_phase("call", "script"))),
    "script-is-call": ("failures/malformed-scripts", _no_script_phase),
    "assert-as-error": ("failures/modules-that-must-fail", _stop_at_trap),
    "no-bytes": ("memory/read-and-write", _results(_set("bytes", ""))),
    "no-large-bytes": ("memory/large-data", _results(_set("bytes", ""))),
    "pages-stand-still": ("memory/pages", _results(_set("pages", 1))),
    "bounds-are-traps": ("memory/bounds", _results(_phase("memory", "call"))),
    "no-memory-is-call": ("memory/no-memory", _results(_phase("memory", "call"))),
    "one-time-less": ("calls/repeat", _results(_one_time_less)),
    "negative-seconds": ("calls/seconds", _results(_set("seconds", -1))),
    "values-forgotten": ("calls/assert-commands", _results(_set("values", []))),
    "workers-reversed": ("threads/spawn", _results(lambda result: result.get("workers", []).reverse())),
    "trap-hidden": ("threads/a-worker-traps", _results(_hide_trap_of_worker)),
    "no-worker-times": ("threads/times", _results(_set("seconds", None))),
    "promise-not-awaited": ("threads/promises", _results(_set("string", "async"))),
    "exit-is-zero": ("wasi/exit-and-output", _results(_set("exit", 0))),
    "swapped-streams": ("wasi/exit-and-output", _results(_swap("stdout", "stderr"))),
    "nobody-starts-threads": ("wasi/a-program-starts-threads", _results(_set("threads", None))),
    "end-of-a-thread-lost": ("wasi/one-end-is-the-end-of-a-program", _results(_set("exit", 0))),
    "nothing-collected": ("wasi/preopens", _results(_set("files", {}))),
    "no-output-at-trap": ("wasi/trap", _results(_set("stdout", ""))),
    "exit-code-lost": ("wasi/proc-exit", _results(_set("exit", 0))),
    "wrong-id": ("lifetime/one-answer", _next_id),
    "nameless": ("lifetime/hello", _nameless),
    "unknown-feature": ("lifetime/hello", _unknown_feature),
}
"""What leaves the runner is changed: fault → (the clause that must see it, the change)."""

_FOLDER = {"guest": "/", "entries": [{"path": "a", "data": {"base64": ""}}]}

IN: dict[str, tuple[str, Change]] = {
    "hash-not-compared": ("failures/fetch", _commands(_trust)),
    "plus-forgotten": ("calls/bind", _commands(_forget_plus)),
    "stack-shifted": ("threads/spawn", _commands(_shift_stack)),
    "one-worker-less": ("threads/shared", _commands(_one_worker_less)),
    "views-without-sign": ("threads/views", _commands(_no_sign)),
    "once-for-all": ("threads/atomics", _commands(_without("repeat"))),
    "one-notify": ("threads/notify-total", _commands(_without("total"))),
    "own-environment": ("wasi/empty-grant", _commands(_grant(env={"HOME": "/"}))),
    "own-environment-too": ("wasi/arguments-environment-stdin", _commands(_grant(env={"HOME": "/"}))),
    "own-folder": ("wasi/refusals", _commands(_grant(preopens=[_FOLDER]))),
}
"""What reaches the runner is changed."""

OWN: dict[str, str] = {
    "answers-twice": "lifetime/one-answer",
    "closes-stdout": "lifetime/one-answer",
    "prints": "wasi/module-prints",
    "leaks": "lifetime/ten-thousand-scripts",
    "ends-with-3": "lifetime/bye",
    "leaves-a-child": "lifetime/end-of-input",
    "leaves-a-file": "lifetime/bye",
    "restarts": "failures/malformed-scripts",
}
"""The filter itself misbehaves."""

FAULTS = {**{name: clause for name, (clause, _) in {**OUT, **IN}.items()}, **OWN}
"""Fault → the clause that must see it."""


def _forward(child: subprocess.Popen[bytes], change: Change | None) -> None:
    assert child.stdin is not None
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if change is not None:
            change(message)
        child.stdin.write(json.dumps(message).encode() + b"\n")
        child.stdin.flush()
    child.stdin.close()


def main(fault: str, command: list[str]) -> None:
    """Stands between until the runner ends, and ends as it did."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    incoming = IN[fault][1] if fault in IN else None
    outgoing = OUT[fault][1] if fault in OUT else None
    threading.Thread(target=_forward, args=(child, incoming), daemon=True).start()
    leaked = []
    if fault == "leaves-a-child":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.DEVNULL)
    if fault == "leaves-a-file":
        Path(os.environ["TMPDIR"], "forgotten").touch()
    assert child.stdout is not None
    for line in child.stdout:
        message = json.loads(line)
        if outgoing is not None:
            outgoing(message)
        if fault == "prints":
            sys.stdout.write('{"type":"bye"\n')
        if fault == "leaks":
            leaked.append(os.urandom(1 << 15))
        if fault == "closes-stdout" and message["type"] == "observation":
            os.close(1)
            time.sleep(60)
        sys.stdout.write((json.dumps(message) + "\n") * (2 if fault == "answers-twice" else 1))
        sys.stdout.flush()
        if fault == "restarts" and any("error" in result for result in message.get("results", ())):
            os._exit(0)
    code = child.wait()
    # At once: the other thread may be reading standard input, which the interpreter's own end would trip over.
    os._exit(3 if fault == "ends-with-3" else code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
