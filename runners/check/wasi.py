"""WASI preview 1: what is granted is there, and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from runners.check.bench import Bench
from runners.check.calls import i32, invoke
from runners.check.clause import Clauses, NotApplicable, Violation, same
from runners.check.failures import expect_trap

__all__ = ["CLAUSES"]

CLAUSES = Clauses("wasi")

SECRET = b"the host's own"


def _command(bench: Bench, module: str, **grant: Any) -> dict[str, Any]:
    """The result of a `wasi` command. NotApplicable where the runner has no WASI."""
    empty = {"args": ["program"], "env": {}, "preopens": [], "collect": []}
    (seen,) = bench.observe([bench.module(module, "wasi", **{**empty, **grant})]).results
    error = seen.get("error") or {}
    if error.get("phase") == "wasi" and error.get("name") == "unsupported":
        raise NotApplicable(f"the runner has no WASI: {error.get('message')}")
    if error:
        raise Violation(f"{module}: {error}")
    return dict(seen)


def _bytes(result: Mapping[str, Any], key: str) -> bytes:
    try:
        return base64.b64decode(result[key], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise Violation(f"no {key} in base64: {error!r} in {dict(result)}") from None


def _data(content: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(content).decode()}


@CLAUSES()
def exit_and_output(bench: Bench) -> None:
    """A command's exit code, standard output and standard error are reported, each by itself"""
    seen = _command(bench, "wasi-hello")
    same(seen.get("exit"), 3, "exit code")
    same(_bytes(seen, "stdout"), b"to stdout\n", "standard output")
    same(_bytes(seen, "stderr"), b"to stderr\n", "standard error")
    if not seen.get("seconds", -1) >= 0:
        raise Violation(f"seconds: {seen.get('seconds')!r}")


def _threads(bench: Bench, module: str) -> dict[str, Any]:
    """The result of a program that starts threads. NotApplicable where the runner has none for it."""
    (seen,) = bench.observe(
        [bench.module(module, "wasi", args=["program"], env={}, preopens=[], collect=[])], deadline=20
    ).results
    error = seen.get("error") or {}
    if error.get("name") == "unsupported":
        raise NotApplicable(f"the runner has no threads for WASI: {error.get('message')}")
    if error.get("phase") in ("memory", "spawn") and bench.hello.facts.get("crossOriginIsolated") is False:
        raise NotApplicable(f"the page is not cross-origin isolated: {error.get('message')}")
    if seen.get("threads") not in ("engine", "host"):
        raise Violation(f"threads is engine or host: {seen.get('threads')!r} in {dict(seen)}")
    return dict(seen)


@CLAUSES("threads")
def a_program_starts_threads(bench: Bench) -> None:
    """Each has its number, its argument, an instance of its own on the one memory; the result says who starts them"""
    seen = _threads(bench, "wasi-threads")
    same(seen.get("exit"), 4, "exit code")
    same(_bytes(seen, "stdout"), b"joined\n", "standard output")


@CLAUSES("threads")
def one_end_is_the_end_of_a_program(bench: Bench) -> None:
    """A thread's trap or exit while the main thread waits; the main thread's, while another waits for ever"""
    expect_trap(_threads(bench, "wasi-threads-trap"), "unreachable")
    same(_threads(bench, "wasi-threads-exit").get("exit"), 9, "exit code of a thread")
    same(_threads(bench, "wasi-threads-waiting").get("exit"), 4, "exit code of the main thread")


@CLAUSES()
def arguments_environment_stdin(bench: Bench) -> None:
    """Arguments, environment and standard input are exactly those of the grant"""
    stdin = bytes(range(256)) * 40
    seen = _command(
        bench, "wasi-echo", args=["program", "größe", ""], env={"NAME": "Wert", "EMPTY": ""}, stdin=bench.file(stdin)
    )
    output = _bytes(seen, "stdout")
    head = "program\0größe\0\0".encode()
    same(output[: len(head)], head, "arguments")
    rest = output[len(head) :]
    variables = rest[: len(rest) - len(stdin)].split(b"\0")
    same(sorted(variables), [b"", b"EMPTY=", b"NAME=Wert"], "environment")
    same(rest[len(rest) - len(stdin) :] == stdin, True, "standard input, read to its end")
    same(seen.get("exit"), 0, "exit code of a command that returns")


@CLAUSES()
def empty_grant(bench: Bench) -> None:
    """Without environment and standard input there are none: the runner's own are not seen"""
    program, *variables = _bytes(_command(bench, "wasi-echo"), "stdout").split(b"\0")
    platform = bench.hello.facts.get("environment", ())  # what the runtime itself sets for every program
    variables = [text for text in variables if text.split(b"=")[0].decode(errors="replace") not in platform]
    same([program, *variables], [b"program", b""], "arguments, environment and standard input")


@CLAUSES()
def preopens(bench: Bench) -> None:
    """A preopened folder holds its entries; what the module writes there is collected, what is not there is null"""
    folder = [
        {"path": "a.txt", "data": _data(b"granted")},
        {"path": "sub", "directory": True},
        {"path": "sub/b.txt", "data": bench.file(b"by hash")},
    ]
    for path, content in (("a.txt", b"granted"), ("sub/b.txt", b"by hash")):
        seen = _command(
            bench, "wasi-read", args=["program", f"/data/{path}"], preopens=[{"guest": "/data", "entries": folder}]
        )
        same((seen.get("exit"), _bytes(seen, "stdout")), (0, content), f"the file {path}")
    seen = _command(
        bench,
        "wasi-write",
        args=["program", "/data/sub/new.txt"],
        preopens=[{"guest": "/data", "entries": folder}],
        collect=["/data/sub/new.txt", "/data/a.txt", "/data/absent"],
    )
    made, kept = (base64.b64encode(content).decode() for content in (b"made by the module", b"granted"))
    expected = {"/data/sub/new.txt": made, "/data/a.txt": kept, "/data/absent": None}
    same((seen.get("exit"), seen.get("files")), (0, expected), "exit code and collected files")


@CLAUSES()
def fresh_folders(bench: Bench) -> None:
    """A preopened folder is made afresh for each command"""
    preopen = [{"guest": "/data", "entries": []}]
    seen = _command(bench, "wasi-write", args=["program", "/data/new.txt"], preopens=preopen)
    same(seen.get("exit"), 0, "exit code of the one that writes")
    seen = _command(bench, "wasi-read", args=["program", "/data/new.txt"], preopens=preopen)
    if seen.get("exit") == 0:
        raise Violation(f"the file of the command before is there: {_bytes(seen, 'stdout')!r}")


@CLAUSES()
def refusals(bench: Bench) -> None:
    """No preopen, `..` and an absolute path lead nowhere, in reading and in writing; nothing outside is collected

    Links out of a folder are refused by some engines and followed by others (node:wasi): cells tell, a runner cannot.
    """
    secret = bench.folder / "secret.txt"
    secret.write_bytes(SECRET)
    link = {"path": "link", "symlink": str(secret)}
    within = [{"guest": "/data", "entries": [link]}]
    climbs = "../" * 20 + str(secret)[1:]
    if _command(bench, "wasi-read", args=["program", "/a"], preopens=[]).get("exit") == 0:
        raise Violation("there is a file where no folder was granted")
    paths = (str(secret), f"/data/{secret}", f"/data/{climbs}")
    attempts = [(str(secret), []), *((path, within) for path in paths)]
    for path, granted in attempts:
        for module in ("wasi-read", "wasi-write"):
            seen = _command(bench, module, args=["program", path], preopens=granted, collect=["/data/link", climbs])
            if seen.get("exit") == 0:
                raise Violation(f"{module} was let to {path!r}")
            if SECRET in _bytes(seen, "stdout") + _bytes(seen, "stderr"):
                raise Violation(f"{module} saw what is in {path!r}")
            same(seen.get("files"), {"/data/link": None, climbs: None}, "files outside of the folder")
    same(secret.read_bytes(), SECRET, "the file outside")


@CLAUSES()
def trap(bench: Bench) -> None:
    """A command that traps reports the trap beside what it had written"""
    seen = _command(bench, "wasi-trap")
    expect_trap(seen, "unreachable")
    same(_bytes(seen, "stdout"), b"before", "standard output")


def _reactor(bench: Bench, *script: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    seen = bench.observe([bench.module("wasi-reactor", **more), *script]).results
    error = seen[-1].get("error") or {}
    if error.get("phase") in ("wasi", "link"):
        raise NotApplicable(f"the runner gives no WASI to modules: {error.get('message')}")
    same(len(seen), len(script) + 1, f"number of results, the last of which is {seen[-1]}")
    return [dict(result) for result in seen[1:]]


@CLAUSES()
def proc_exit(bench: Bench) -> None:
    """proc_exit in a function of a module is an exit with its code, and the script goes on"""
    code, zero, after = _reactor(
        bench, invoke("leave", i32(7), results=()), invoke("leave", i32(0), results=()), invoke("variables")
    )
    same((code, zero), ({"exit": 7}, {"exit": 0}), "exit codes")
    same(after.get("values"), [i32(0)], "the call after")


@CLAUSES()
def module_grants(bench: Bench) -> None:
    """A module without a grant has an empty one, its standard input at its end; with one it has just that"""
    nothing = [invoke(name) for name in ("arguments", "variables", "input")]
    same([result.get("values") for result in _reactor(bench, *nothing)], [[i32(0)]] * 3, "without a grant")
    grant = {"args": ["a", "b"], "env": {"X": "1"}, "stdin": _data(b"abc"), "preopens": []}
    seen = _reactor(bench, *nothing, wasi=grant)
    same([result.get("values") for result in seen], [[i32(2)], [i32(1)], [i32(3)]], "with a grant")


@CLAUSES()
def module_prints(bench: Bench) -> None:
    """What a module prints on its standard output does not reach the runner's"""
    results = _reactor(bench, invoke("say", results=()), invoke("variables"))
    same([result.get("values") for result in results], [[], [i32(0)]], "values of a module that prints")
