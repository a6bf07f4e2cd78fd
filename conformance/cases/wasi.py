"""wasi: what a command may have of the outside, and what must be refused; the operating system and the grant are the answer."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.case import Case, Expect, Module, Script
from conformance.cases._script import Ask

__all__ = ["CASES"]

Entry = Mapping[str, Any]

_BINARY = bytes(range(256)) + random.Random("binary").randbytes(100_000)
_UP = "../" * 32
"""More steps up than any scratch folder is deep, so that the path ends at the host's root."""
_SECRET, _MARK = "etc/passwd", b"root:"
"""A file that any Unix host has outside of every preopen, and what stands in it."""

REFUSED: Expect = {"wasi": {"refused": True, "secret": _MARK}}
FAILED: Expect = {"wasi": {"exit": 2, "stdout": b"", "stderr": {"matches": r"(?s).+"}}}
"""The operating system said no, the command said why on its standard error."""


def file(path: str, data: bytes = b"") -> Entry:
    """A file in a preopened folder."""
    return {"path": path, "data": data}


def folder(path: str) -> Entry:
    """A folder in a preopened folder."""
    return {"path": path, "directory": True}


def symlink(path: str, target: str) -> Entry:
    """A symbolic link in a preopened folder."""
    return {"path": path, "symlink": target}


def _case(
    name: str,
    title: str,
    args: Sequence[str],
    expect: Mapping[str, Any] | Expect,
    *,
    data: Sequence[Entry] | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> Case:
    """`data` fills the folder preopened as `/data` (None: nothing is preopened); `expect` may be the inner part of `{"wasi": …}`."""
    wanted = expect if "wasi" in expect else {"wasi": expect}

    def build(module: Module) -> Script:
        ask = Ask(module, instantiate=False)
        command = {
            "type": "wasi",
            "module": "$module",
            "args": ["matrix", *args],
            "env": dict(env or {}),
            "stdin": stdin,
            "preopens": [] if data is None else [{"guest": "/data", "entries": [dict(entry) for entry in data]}],
            "collect": list(wanted["wasi"].get("files", ())),
        }
        ask.add(command, wanted)
        return ask.commands

    return Case(f"wasi/{name}", "wasi", build, title)


def _said(stdout: bytes, **more: Any) -> Mapping[str, Any]:
    return {"exit": 0, "stdout": stdout, "stderr": b"", **more}


_STREAMS = [
    _case("args", "arguments: spaces, quotes, empty ones", ["args", "a", "b c", "", '"q"', "-x=1", "$HOME *"], _said(b'a\nb c\n\n"q"\n-x=1\n$HOME *\n')),
    _case("args-none", "no argument", ["args"], _said(b"")),
    _case("args-unicode", "arguments beyond ASCII", ["args", "naïve", "日本", "👩‍🚀"], _said("naïve\n日本\n👩‍🚀\n".encode())),
    _case(
        "env",
        "exactly the environment that was granted, nothing of the host's",
        ["env"],
        _said("A=1\nEMPTY=\nPATH=/nowhere\nUNI=日本\nWITH=a=b c\n".encode()),
        env={"WITH": "a=b c", "A": "1", "EMPTY": "", "PATH": "/nowhere", "UNI": "日本"},
    ),
    _case("env-none", "an empty environment: the host's does not leak in", ["env"], _said(b"")),
    _case("stdin-to-stdout", "standard input to standard output, every byte value", ["cat"], _said(_BINARY), stdin=_BINARY),
    _case("stdin-empty", "standard input at its end", ["cat"], _said(b"")),
    _case(
        "stdin-1-mib",
        "a mebibyte through both streams: more than a pipe holds",
        ["cat"],
        _said(random.Random("pipe").randbytes(1 << 20)),
        stdin=random.Random("pipe").randbytes(1 << 20),
    ),
    _case("stderr", "standard error is a stream of its own", ["stderr", "to the other"], {"exit": 0, "stdout": b"", "stderr": {"matches": r"to the other\n?"}}),
    *(_case(f"exit-{code}", f"the exit code {code} arrives", ["exit", str(code)], {"exit": code, "stdout": b""}) for code in (0, 1, 42, 255)),
]

_FILES = [
    _case("read", "a file's bytes, every byte value", ["read", "/data/a.bin"], _said(_BINARY), data=[file("a.bin", _BINARY)]),
    _case("read-empty", "an empty file", ["read", "/data/empty"], _said(b""), data=[file("empty")]),
    _case("read-in-folder", "a file two folders down", ["read", "/data/sub/deep/a.txt"], _said(b"deep"), data=[file("sub/deep/a.txt", b"deep")]),
    _case("read-unicode-name", "a file name beyond ASCII", ["read", "/data/日本 👍.txt"], _said(b"yes"), data=[file("日本 👍.txt", b"yes")]),
    _case("read-through-symlink", "a symbolic link that stays inside is followed", ["read", "/data/link"], _said(b"target"), data=[file("sub/a.txt", b"target"), symlink("link", "sub/a.txt")]),
    _case("write-new", "a new file", ["write", "/data/new.txt", "hello wörld"], _said(b"", files={"/data/new.txt": "hello wörld".encode()}), data=[]),
    _case("write-truncates", "writing over a longer file leaves none of it", ["write", "/data/a.txt", "new"], _said(b"", files={"/data/a.txt": b"new"}), data=[file("a.txt", b"a longer old text")]),
    _case("append", "appending keeps what is there", ["append", "/data/a.txt", " two"], _said(b"", files={"/data/a.txt": b"one two"}), data=[file("a.txt", b"one")]),
    _case("append-new", "appending to no file makes it", ["append", "/data/b.txt", "first"], _said(b"", files={"/data/b.txt": b"first"}), data=[]),
    _case(
        "list",
        "names of files, folders and links, hidden and beyond ASCII, without . and ..",
        ["list", "/data"],
        _said("\n".join(sorted((".hidden", "B", "a.txt", "link", "é.txt", "z"))).encode() + b"\n"),
        data=[file("a.txt"), folder("B"), file("é.txt"), file(".hidden"), symlink("link", "a.txt"), file("z/inner")],
    ),
    _case(
        "list-many",
        "1,000 names: more than one buffer of fd_readdir",
        ["list", "/data/many"],
        _said("".join(f"name-{n:04}-{'x' * (n % 40)}\n" for n in range(1000)).encode()),
        data=[file(f"many/name-{n:04}-{'x' * (n % 40)}") for n in range(1000)],
    ),
    _case("list-empty", "a folder with nothing in it", ["list", "/data/none"], _said(b""), data=[folder("none")]),
    _case("size", "a file's size", ["size", "/data/a.bin"], _said(f"{len(_BINARY)}\n".encode()), data=[file("a.bin", _BINARY)]),
    _case("remove", "a file goes, its neighbour stays", ["remove", "/data/a.txt"], _said(b"", files={"/data/a.txt": None, "/data/b.txt": b"b"}), data=[file("a.txt", b"a"), file("b.txt", b"b")]),
    _case("read-missing", "a file that is not there is an error, not an empty file", ["read", "/data/none.txt"], FAILED, data=[]),
    _case("write-in-missing-folder", "a folder is not made on the way", ["write", "/data/no/a.txt", "x"], FAILED, data=[]),
    _case("remove-missing", "removing what is not there is an error", ["remove", "/data/none.txt"], FAILED, data=[]),
]

_CLOCKS = [
    # From 2023 to 2286: nanoseconds since 1970, in 19 digits.
    _case("clock", "the time of day in nanoseconds; a monotonic clock that never falls", ["clock"], _said(b"") | {"stdout": {"matches": r"realtime (1[7-9]|[2-9]\d)\d{17}\nmonotonic ok\n"}}),
    _case("random", "32 random bytes, twice: not the same, not all one value", ["random"], _said(b"") | {"stdout": {"matches": r"(?!(..)\1{31}\n)([0-9a-f]{64})\n(?!\2)[0-9a-f]{64}\n"}}),
]

_REFUSED = [
    _case("refused-no-preopen", "no folder was granted: no file at all", ["read", f"/{_SECRET}"], REFUSED),
    _case("refused-no-preopen-relative", "no folder was granted: not the current one either", ["list", "."], REFUSED),
    _case("refused-dot-dot", ".. does not lead out of a folder", ["read", f"/data/{_UP}{_SECRET}"], REFUSED, data=[]),
    _case("refused-dot-dot-inside", ".. after a folder that is there does not lead out either", ["read", f"/data/sub/{_UP}{_SECRET}"], REFUSED, data=[folder("sub")]),
    _case("refused-list-dot-dot", "the folder above is not to be listed", ["list", "/data/.."], REFUSED, data=[]),
    _case("refused-absolute", "an absolute path of the host", ["read", f"/{_SECRET}"], REFUSED, data=[file("a.txt", b"a")]),
    _case("refused-symlink-absolute", "a link to an absolute path outside", ["read", "/data/link"], REFUSED, data=[symlink("link", f"/{_SECRET}")]),
    _case("refused-symlink-relative", "a link that climbs out by ..", ["read", "/data/link"], REFUSED, data=[symlink("link", f"{_UP}{_SECRET}")]),
    _case("refused-symlink-folder", "a linked folder on the way", ["read", "/data/out/passwd"], REFUSED, data=[symlink("out", "/etc")]),
    _case("refused-symlink-list", "listing a linked folder", ["list", "/data/out"], {"wasi": {"refused": True, "secret": b"passwd"}}, data=[symlink("out", "/etc")]),
    # The link's target would land beside the preopened folder, in the runner's own scratch folder: harmless where it is followed.
    _case("refused-symlink-write", "writing through a link that leads out", ["write", "/data/link", "escaped"], REFUSED, data=[symlink("link", "../escaped.txt")]),
]

CASES = [*_STREAMS, *_FILES, *_CLOCKS, *_REFUSED]
