"""A case: a question with a known answer, asked of a module. Data only; `conformance/cases/` makes them.

A case is written once for a job and asked of each module that serves the job. Its script is the JSON of
`runners/PROTOCOL.md` with three differences, which `conformance/wire.py` resolves before it is sent: a `module` or
`wasi` command says `"module": MODULE-ID` (or `"$module"` for the module under test) instead of hash and path, data may
be a `bytes` object, and any command may carry `"expect"`, what its result must be, which the runner never sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.table import Module

__all__ = ["Case", "Expect", "Module", "Script"]

Script = list[dict[str, Any]]

Expect = Mapping[str, Any]
"""What a command's result must be; the checks that `conformance/expect` knows, by key (exactly one of them):

    {"values": [value, …]}      these results, bit for bit; a float's value, or that of a lane of floats, may be
                                "nan:canonical", "nan:arithmetic" ({"type", "value"}); a reference without a value
                                is any but null, {"type": "refnull"} null of any type; or, in place of a value,
                                {"any": [value, …]}
    {"between": [low, high]}    one integer result which, read as signed, lies in this closed range
    {"same": i, "plus": n}      the integer result (or the number of pages) of command i, plus n
    {"trap": kind}              a trap that may be of this kind (kinds: see PROTOCOL.md); a list: any of them
    {"failure": [{"trap": kind}, {"exit": 2}, {"exception": true}]}
                                any of these ways to end; {"trap": true} is a trap of any kind
    {"bytes": b"…"}             exactly these bytes were read; "dtype" says what they are, for the evidence: numpy's
                                name of one element ("<f8") or the fields of one record ([["objects", "<u4"], …]);
                                "width" that they are RGBA pixels in rows of so many
    {"close": {"dtype": "<f4", "values": b"…", "atol": b"…"}}
                                each element within its own absolute error (arrays of the dtype)
    {"jpeg": {"width", "height", "rgb": b"…", "psnr": 35.0, "length": i}}
                                bytes that Pillow decodes to that, PSNR in dB or better; the picture ends exactly
                                after as many bytes as command i's result says
    {"outcomes": {"names": ["y=0 x=0", …], "forbidden": ["y=1 x=0"], "total": n}}
                                counts (u32) of what came out: nothing forbidden, n in all; the counts are information
    {"pages": n}
    {"error": phase}            an error of this phase, or of one of a list (a wrong MIME type, an invalid module); with
                                {"error": phase, "matches": regex} its name and message too
    {"string": "timed-out"}     this string of JavaScript's
    {"thrown": "TypeError"}     an error of this name, thrown by JavaScript's own function
    {"workers": {"values": [[value, …], …]}}
                                what each worker returned, in order of its number
    {"workers": {"each": [expect, …]}}
                                what is expected of each worker: any of these checks, on its own end
    {"wasi": {"exit": 0, "stdout": b"…" or {"matches": regex}, "stderr": …, "files": {path: b"…" or None}}}
                                keys left out are free
    {"program": {"exit": 0, "stdout": b"…" or {"matches": regex}, "stderr": …}}
                                the end of a program with JavaScript of its own; an output that is left out is free;
                                "on": {"page": {…}, "process": {…}}: what differs between these hosts
    {"program": {"dies": true, "stdout": b"…"}}
                                it ends by an exit code that is not 0, or, in a page, by an error that nobody caught
    {"response": {"status": 200, "headers": {name: value}, "body": b"…"}}
                                the answer of a handler of HTTP requests; headers and body that are left out are free
    {"response": {"refused": true}}
                                it said, with the status 502, that it could not reach what it must not
    {"wasi": {"refused": true, "secret": b"…"}}
                                exit 2, nothing on stdout, and `secret` nowhere in its output

    {"standard": true}          the facts of a probe are as the standards require under the target's profile
                                (conformance/standard.py)

Any of them may carry more keys:

    "what": "leading zero"      in a few words what was asked, for a script that asks more than one thing
    "lasts": 0.02               seconds that the call must take at the least; how much longer it took is information
    "speedup": {"of": i, "over": j}
                                information: seconds of result j / seconds of result i; never fails
    "refusal": "spawn"          an error of this phase is information, and ends the script: how far it came, and why
    "speed": {"count": n, "unit": "additions/s", "of": "command" or "script"}
                                information: n by the seconds of this command, or of the whole script
    "means": "fallback/single-thread"
                                the cause where another value came out

A command without `expect` must only not end in an error, a trap, an exception or an exit.
"""


@dataclass(frozen=True)
class Case:
    """`id` is `job/name` (`threads/barrier-4` for the jobs of threads).

    `build(module)` gives the script for a module; it is called late (in the process that runs the cell), may take up to
    a second, and is a pure function: equal modules, equal script. `features` are asked of the runtime
    beyond the module's own. `languages` are those whose modules alone are asked; none: all.
    `targets` limits it to runtimes by pattern (`chromium*`), for questions that only they can be asked.
    A case without a job is asked of no module: its script brings its own, and `build(None)` gives it.
    `exports` are what a module must export to be asked: jobs that a language shares out among modules (C++ exceptions).
    `repeats`: how often it is asked, because the answer depends on timing.
    """

    id: str
    job: str
    build: Callable[..., Script]
    title: str
    features: Sequence[str] = ()
    deadline: float = 30.0
    languages: Sequence[str] = ()
    targets: Sequence[str] = ("*",)
    exports: Sequence[str] = ()
    repeats: int = 1

    def asks(self, module: Module) -> bool:
        """Whether this case is a question for `module`."""
        return (
            self.job in module.jobs
            and (not self.languages or module.language in self.languages)
            and set(self.exports) <= set(module.exports)
        )
