"""wasi: what a command may have of the outside, and what must be refused; against the grant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.case import Case
from conformance.cases._script import dollar_module, noise

__all__ = ["CASES"]

Entry = Mapping[str, Any]

_BINARY = bytes(range(256)) + noise("binary", 100_000)
_UP = "../" * 32
"""More steps up than any scratch folder is deep, so that the path ends at the host's root."""
_SECRET, _MARK = "etc/passwd", b"root:"
"""A file that any Unix host has outside of every preopen, and what stands in it."""

_MEBIBYTE = noise("mebibyte", 1 << 20)
_NAMES = [f"name-{n:03}-{'x' * (n % 40)}" for n in range(200)]

REFUSED: Mapping[str, Any] = {"refused": True, "secret": _MARK}
FAILED: Mapping[str, Any] = {"exit": 2, "stdout": b"", "stderr": {"matches": r"(?s).+"}}
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


def run(
    *args: str,
    gives: Mapping[str, Any],
    data: Sequence[Entry] | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> dict[str, Any]:
    """One run of the command with these arguments.

    `data` fills the folder that is preopened as `/data`; None: nothing is preopened.
    """
    return {
        "type": "wasi",
        "module": dollar_module,
        "args": ["matrix", *args],
        "env": dict(env or {}),
        "stdin": stdin,
        "preopens": [] if data is None else [{"guest": "/data", "entries": [dict(entry) for entry in data]}],
        "collect": list(gives.get("files", ())),
        "expect": {"wasi": gives},
    }


def case(name: str, title: str, *runs: dict[str, Any]) -> Case:
    """Runs that ask one thing together."""
    return Case(f"wasi/{name}", "wasi", lambda _: [dict(one) for one in runs], title)


def said(stdout: bytes | str | Mapping[str, str], **more: Any) -> Mapping[str, Any]:
    """Success, with exactly that on standard output and nothing on standard error."""
    return {"exit": 0, "stdout": stdout.encode() if isinstance(stdout, str) else stdout, "stderr": b"", **more}


def left(**files: bytes | None) -> Mapping[str, Any]:
    """Success in silence, after which `/data` has these files (name with `_` for `.`), or has not (None)."""
    return said(b"", files={f"/data/{name.replace('_', '.')}": data for name, data in files.items()})


_STREAMS = [
    case(
        "args",
        "arguments: none, spaces, quotes, empty ones; no shell between",
        run("args", gives=said(b"")),
        run("args", "a", "b c", "", '"q"', "-x=1", "$HOME *", gives=said('a\nb c\n\n"q"\n-x=1\n$HOME *\n')),
    ),
    case(
        "args-unicode",
        "arguments beyond ASCII",
        run("args", "naïve", "日本", "👩‍🚀", gives=said("naïve\n日本\n👩‍🚀\n")),
    ),
    case(
        "env",
        "exactly the environment that was granted: nothing of the host's leaks in",
        run(
            "env",
            env={"WITH": "a=b c", "A": "1", "EMPTY": "", "PATH": "/nowhere", "UNI": "日本"},
            gives=said("A=1\nEMPTY=\nPATH=/nowhere\nUNI=日本\nWITH=a=b c\n"),
        ),
    ),
    case("env-empty", "no environment was granted: an empty one is no error", run("env", gives=said(b""))),
    case(
        "stdin-to-stdout",
        "standard input to standard output: every byte value, and an input at its end",
        run("cat", stdin=_BINARY, gives=said(_BINARY)),
        run("cat", gives=said(b"")),
    ),
    case(
        "stdin-1-mib",
        "a mebibyte through both streams: more than a pipe holds",
        run("cat", stdin=_MEBIBYTE, gives=said(_MEBIBYTE)),
    ),
    case(
        "stderr",
        "standard error is a stream of its own",
        run("stderr", "to the other", gives={"exit": 0, "stdout": b"", "stderr": {"matches": r"to the other\n?"}}),
    ),
    case(
        "exit-codes",
        "the exit codes 0, 1 and 42 arrive",
        *(run("exit", str(code), gives={"exit": code, "stdout": b""}) for code in (0, 1, 42)),
    ),
    case("exit-255", "the largest exit code of POSIX arrives", run("exit", "255", gives={"exit": 255, "stdout": b""})),
]

_FILES = [
    case(
        "read",
        "a file's bytes: every byte value, an empty file, a file two folders down",
        run("read", "/data/a.bin", data=[file("a.bin", _BINARY)], gives=said(_BINARY)),
        run("read", "/data/empty", data=[file("empty")], gives=said(b"")),
        run("read", "/data/sub/deep/a.txt", data=[file("sub/deep/a.txt", b"deep")], gives=said(b"deep")),
    ),
    case(
        "read-unicode-name",
        "a file name beyond ASCII",
        run("read", "/data/日本 👍.txt", data=[file("日本 👍.txt", b"yes")], gives=said(b"yes")),
    ),
    case(
        "read-through-symlink",
        "a symbolic link that stays inside is followed",
        run(
            "read",
            "/data/link",
            data=[file("sub/a.txt", b"target"), symlink("link", "sub/a.txt")],
            gives=said(b"target"),
        ),
    ),
    case(
        "write",
        "a new file; over a longer one, of which nothing is left",
        run("write", "/data/new.txt", "hello wörld", data=[], gives=left(new_txt="hello wörld".encode())),
        run("write", "/data/a.txt", "new", data=[file("a.txt", b"a longer old text")], gives=left(a_txt=b"new")),
    ),
    case(
        "append",
        "to a file, which keeps what is there; to none, which makes it",
        run("append", "/data/a.txt", " two", data=[file("a.txt", b"one")], gives=left(a_txt=b"one two")),
        run("append", "/data/b.txt", "first", data=[], gives=left(b_txt=b"first")),
    ),
    case(
        "list",
        "names of files, folders and links, hidden and beyond ASCII, without . and ..; an empty folder",
        run(
            "list",
            "/data",
            data=[
                file("a.txt"),
                folder("B"),
                file("é.txt"),
                file(".hidden"),
                symlink("link", "a.txt"),
                file("z/inner"),
            ],
            gives=said("".join(f"{name}\n" for name in sorted((".hidden", "B", "a.txt", "link", "é.txt", "z")))),
        ),
        run("list", "/data/none", data=[folder("none")], gives=said(b"")),
    ),
    case(
        "list-many",
        "200 names: more than one buffer of fd_readdir",
        run(
            "list",
            "/data/many",
            data=[file(f"many/{name}") for name in _NAMES],
            gives=said("".join(f"{name}\n" for name in _NAMES)),
        ),
    ),
    case(
        "size",
        "a file's size",
        run("size", "/data/a.bin", data=[file("a.bin", _BINARY)], gives=said(f"{len(_BINARY)}\n")),
        run("size", "/data/empty", data=[file("empty")], gives=said("0\n")),
    ),
    case(
        "remove",
        "a file goes, its neighbour stays",
        run(
            "remove", "/data/a.txt", data=[file("a.txt", b"a"), file("b.txt", b"b")], gives=left(a_txt=None, b_txt=b"b")
        ),
    ),
    case(
        "not-there",
        "what is not there is an error: not an empty file, and no folder is made on the way",
        run("read", "/data/none.txt", data=[], gives=FAILED),
        run("write", "/data/no/a.txt", "x", data=[], gives=FAILED),
        run("remove", "/data/none.txt", data=[], gives=FAILED),
        run("list", "/data/none", data=[], gives=FAILED),
    ),
]

_CLOCKS = [
    # Nanoseconds since 1970 have 19 digits until 2286.
    case(
        "clock",
        "the time of day in nanoseconds; a monotonic clock that never falls",
        run("clock", gives=said({"matches": r"realtime (1[7-9]|[2-9]\d)\d{17}\nmonotonic ok\n"})),
    ),
    case(
        "random",
        "32 random bytes, twice: not the same, not all one value",
        run("random", gives=said({"matches": r"(?!(..)\1{31}\n)([0-9a-f]{64})\n(?!\2)[0-9a-f]{64}\n"})),
    ),
]

_REFUSED = [
    case(
        "refused-no-preopen",
        "no folder was granted: no file at all, the current folder neither",
        run("read", f"/{_SECRET}", gives=REFUSED),
        run("list", ".", gives=REFUSED),
    ),
    case(
        "refused-dot-dot",
        ".. does not lead out of a folder, nor after one that is there",
        run("read", f"/data/{_UP}{_SECRET}", data=[], gives=REFUSED),
        run("read", f"/data/sub/{_UP}{_SECRET}", data=[folder("sub")], gives=REFUSED),
    ),
    case(
        "refused-list-dot-dot", "the folder above is not to be listed", run("list", "/data/..", data=[], gives=REFUSED)
    ),
    case(
        "refused-absolute",
        "an absolute path of the host",
        run("read", f"/{_SECRET}", data=[file("a.txt", b"a")], gives=REFUSED),
    ),
    case(
        "refused-symlink-absolute",
        "a link to an absolute path outside",
        run("read", "/data/link", data=[symlink("link", f"/{_SECRET}")], gives=REFUSED),
    ),
    case(
        "refused-symlink-relative",
        "a link that climbs out by ..",
        run("read", "/data/link", data=[symlink("link", f"{_UP}{_SECRET}")], gives=REFUSED),
        run("read", "/data/sub/link", data=[symlink("sub/link", f"../../{_UP}{_SECRET}")], gives=REFUSED),
    ),
    case(
        "refused-symlink-folder",
        "a link to a folder outside: a file in it, its names",
        run("read", "/data/out/passwd", data=[symlink("out", "/etc")], gives=REFUSED),
        run("list", "/data/out", data=[symlink("out", "/etc")], gives={"refused": True, "secret": b"passwd\n"}),
    ),
    # Harmless where it is followed: the target lands beside the preopened folder, in the runner's own scratch folder.
    case(
        "refused-symlink-write",
        "writing through a link that leads out, to a file that is there and to one that is not",
        run("write", "/data/link", "escaped", data=[symlink("link", "../escaped.txt")], gives=REFUSED),
        run("append", "/data/link", "escaped", data=[symlink("link", f"{_UP}dev/null")], gives=REFUSED),
    ),
]

CASES = [*_STREAMS, *_FILES, *_CLOCKS, *_REFUSED]
