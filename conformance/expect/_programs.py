"""What a program did: its exit code, output and files; what a handler of HTTP requests answered."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.case import Expect
from conformance.expect._mismatch import Mismatch, answered
from conformance.result import Result, decoded

__all__ = ["program", "response", "wasi"]

_OK, _BAD_GATEWAY = 200, 502


def wasi(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := answered(result, "exit", f"the exit code {wanted.get('exit', 2)}"):
        return mismatch
    return _refused(wanted, result) if wanted.get("refused") else _ran(wanted, result)


def program(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if wanted.get("dies"):
        return _died(wanted, result)
    if mismatch := answered(result, "exit", f"the exit code {wanted['exit']}"):
        return mismatch
    hosts = wanted.get("on", {})
    if hosts and result.get("on") not in hosts:
        return Mismatch(f"a program on a {' or a '.join(hosts)}", f"one on {result.get('on')!r}")
    return _ran({**wanted, **hosts.get(result.get("on"), {})}, result)


def _died(wanted: Mapping[str, Any], result: Result) -> Mismatch | None:
    if "error" in result:
        return None
    if mismatch := answered(result, "exit", "an exit code that is not 0"):
        return mismatch
    if result["exit"] == 0:
        said = _said({name: decoded(result, name) for name in ("stdout", "stderr")})
        return Mismatch("an exit code that is not 0, or an uncaught error", f"the exit code 0{said}")
    return _ran({"stdout": wanted["stdout"]}, result)


def _refused(wanted: Mapping[str, Any], result: Result) -> Mismatch | None:
    streams = {name: decoded(result, name) for name in ("stdout", "stderr")}
    for name, data in streams.items():
        if wanted.get("secret") and wanted["secret"] in data:
            # Not the bytes themselves: a report is public, and they are the host's.
            return Mismatch("a refusal", f"what it must not read, on {name} ({len(data)} bytes)", "escaped")
    if result["exit"] == 0:
        return Mismatch("a refusal: the exit code 2", f"the exit code 0{_said(streams)}", "allowed")
    if result["exit"] != 2:
        return Mismatch("a refusal: the exit code 2", f"the exit code {result['exit']}{_said(streams)}")
    if streams["stdout"]:
        return Mismatch("nothing on stdout", _excerpt(streams["stdout"], 0))
    return None


def _ran(wanted: Mapping[str, Any], result: Result) -> Mismatch | None:
    streams = {name: decoded(result, name) for name in ("stdout", "stderr")}
    if "exit" in wanted and result["exit"] != wanted["exit"]:
        return Mismatch(f"the exit code {wanted['exit']}", f"the exit code {result['exit']}{_said(streams)}")
    for name, data in streams.items():
        if name in wanted and (mismatch := _stream(name, wanted[name], data)):
            return mismatch
    files = result.get("files", {})
    for path, content in wanted.get("files", {}).items():
        seen = None if files.get(path) is None else base64.b64decode(files[path])
        if seen != content:
            absent = "no such file"
            at = 0 if seen is None or content is None else _differs_at(content, seen)
            shown = [absent if data is None else f"{len(data)} bytes, {_excerpt(data, at)}" for data in (content, seen)]
            return Mismatch(f"{path}: {shown[0]}", f"{path}: {shown[1]}")
    return None


def _said(streams: Mapping[str, bytes]) -> str:
    return "".join(f"; {name} {_excerpt(data, 0)}" for name, data in streams.items() if data)


def _stream(name: str, wanted: Any, seen: bytes) -> Mismatch | None:
    if isinstance(wanted, Mapping):
        if re.fullmatch(wanted["matches"], seen.decode(errors="replace")):
            return None
        return Mismatch(f"{name} that matches {wanted['matches']!r}", f"{name}: {_excerpt(seen, 0)}")
    if seen == wanted:
        return None
    at = _differs_at(wanted, seen)
    place = f"{name}, from byte {at} on"
    return Mismatch(
        f"{place}: {_excerpt(wanted, at)} ({len(wanted)} bytes in all)",
        f"{place}: {_excerpt(seen, at)} ({len(seen)} bytes in all)",
    )


def _differs_at(a: bytes, b: bytes) -> int:
    """The index of the first byte that differs; the shorter one's length where one begins with the other."""
    low, high = 0, min(len(a), len(b))
    while low < high:  # the longest common prefix, by halves: slices compare fast, and a mebibyte may be long
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _excerpt(data: bytes, at: int, length: int = 60) -> str:
    part = data[at : at + length]
    more = " …" if at + length < len(data) else ""
    return ascii(part.decode()) + more if part.isascii() else f"{part!r}{more}"


def response(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := answered(result, "status", "an answer"):
        return mismatch
    seen = decoded(result, "body")
    if wanted.get("refused"):
        expected = "a refusal: the status 502"
        if result["status"] == _BAD_GATEWAY:
            return None
        reached = result["status"] == _OK
        shown = f"the status {result['status']}, {_excerpt(seen, 0)}"
        return Mismatch(expected, shown, "escaped" if reached else "value")
    if result["status"] != wanted["status"]:
        return Mismatch(f"the status {wanted['status']}", f"the status {result['status']}, {_excerpt(seen, 0)}")
    for name, value in wanted.get("headers", {}).items():
        if result["headers"].get(name) != value:
            return Mismatch(f"{name}: {value}", f"{name}: {result['headers'].get(name)}")
    if "body" in wanted and seen != wanted["body"]:
        at = _differs_at(wanted["body"], seen)
        return Mismatch(
            f"a body of {len(wanted['body'])} bytes, from byte {at} on {_excerpt(wanted['body'], at)}",
            f"{len(seen)} bytes, {_excerpt(seen, at)}",
        )
    return None
