"""Programs with JavaScript of their own: each is started as its users start it, and its end is reported."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from runners.check.bench import Bench
from runners.check.clause import Clauses, NotApplicable, Violation, same

__all__ = ["CLAUSES"]

CLAUSES = Clauses("programs")

_TELLS = """
const page = typeof Module === 'object' ? Module : null;
console.log((page ? page.arguments : process.argv.slice(2)).join('|'));
console.error('to stderr');
if (page) page.onExit(3);
else process.exit(3);
"""
_WORKER = """
const isNode = typeof process === 'object';
const worker = isNode ? !require('node:worker_threads').isMainThread : typeof importScripts === 'function';
if (typeof Module === 'object') {
  Module.print(`${worker} ${Module.arguments.join('|')} ${Module.locateFile('a.wasm').slice(-7)}`);
  Module.onExit(4);
} else {
  console.log(`${worker} ${process.argv.slice(2).join('|')} /a.wasm`);
  process.exit(4);
}
"""
_IMPORTS = "import { say } from './part.mjs';\nconsole.log(say);\n"
_THROWS = "throw new RangeError('of its own');\n"


def _run(bench: Bench, main: str, text: str, *args: str, place: str = "", **more: str) -> Mapping[str, Any]:
    """The result of a program of these files. NotApplicable where the runner runs none."""
    files = {name: bench.file(content.encode()) for name, content in {main: text, **more}.items()}
    command = {"type": "program", "main": main, "files": files, "args": list(args), **({"in": place} if place else {})}
    (seen,) = bench.observe([command]).results
    error = seen.get("error") or {}
    if error.get("phase") == "program" and error.get("name") == "unsupported":
        raise NotApplicable(f"the runner runs no such programs: {error.get('message')}")
    return dict(seen)


def _text(result: Mapping[str, Any], key: str) -> str:
    try:
        return base64.b64decode(result[key], validate=True).decode()
    except (KeyError, TypeError, ValueError) as error:
        raise Violation(f"no {key} in base64: {error!r} in {dict(result)}") from None


@CLAUSES()
def end_and_output(bench: Bench) -> None:
    """A program gets its arguments; its exit code, standard output and standard error are reported, each by itself"""
    seen = _run(bench, "tells.js", _TELLS, "one", "zwölf", "")
    same(seen.get("exit"), 3, "exit code")
    same(_text(seen, "stdout"), "one|zwölf|\n", "standard output")
    same(_text(seen, "stderr"), "to stderr\n", "standard error")
    if not seen.get("seconds", -1) >= 0:
        raise Violation(f"seconds: {seen.get('seconds')!r}")


@CLAUSES()
def in_a_worker(bench: Bench) -> None:
    """A program that asks for it runs in a worker, with its arguments, and can end with a code; `on` tells the host"""
    seen = _run(bench, "worker.js", _WORKER, "one", "two", place="worker")
    same((seen.get("exit"), _text(seen, "stdout")), (4, "true one|two /a.wasm\n"), "exit code and standard output")
    same(seen.get("on") in ("page", "process"), True, f"`on` of {dict(seen)}")
    failed = _run(bench, "throws.js", _THROWS, place="worker")
    same("error" in failed or failed.get("exit") not in (None, 0), True, f"a failure of {dict(failed)}")


@CLAUSES()
def files_beside(bench: Bench) -> None:
    """A program finds its other files beside it by their names; a module's end is the end of its script"""
    seen = _run(bench, "main.mjs", _IMPORTS, **{"part.mjs": "export const say = 'from beside';\n"})
    same((seen.get("exit"), _text(seen, "stdout")), (0, "from beside\n"), "exit code and standard output")


@CLAUSES()
def uncaught_error(bench: Bench) -> None:
    """A program that throws ends with a code other than 0, or an error; the runner goes on"""
    seen = _run(bench, "throws.js", _THROWS)
    error = seen.get("error")
    if error is None:
        same(seen.get("exit") not in (None, 0), True, f"a failure of {dict(seen)}")
    said = error.get("message", "") if error else _text(seen, "stderr")
    same("of its own" in said, True, f"the program's own message in {said!r}")
    same(_run(bench, "tells.js", _TELLS).get("exit"), 3, "exit code of the next program")


@CLAUSES()
def file_of_no_program(bench: Bench) -> None:
    """A main file that is none of the files is an error of the script"""
    script = [{"type": "program", "main": "absent.js", "files": {"tells.js": bench.file(_TELLS.encode())}, "args": []}]
    (seen,) = bench.observe(script).results
    error = seen.get("error") or {}
    if error.get("phase") == "program" and error.get("name") == "unsupported":
        raise NotApplicable(f"the runner runs no such programs: {error.get('message')}")
    same(error.get("phase"), "script", "phase")
