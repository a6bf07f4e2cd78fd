"""loading: how a browser loads a module from a server: as it streams, with the right MIME type and a wrong one."""

from __future__ import annotations

from hashlib import sha256

from conformance.case import Case, Module, Script
from conformance.cases._browsers import BROWSERS
from conformance.cases._script import Ask

__all__ = ["CASES"]


def _streaming(module: Module) -> Script:
    ask = Ask(module, instantiate=False)
    ask.instance(via="streaming")
    text, out = ask.put(b"abc"), ask.room(32)
    ask.call("sha256", text, 3, out)
    ask.read(out, 32, {"bytes": sha256(b"abc").digest()})
    return ask.commands


def _wrong_mime(module: Module) -> Script:
    ask = Ask(module, instantiate=False)
    # https://webassembly.github.io/spec/web-api/#streaming-modules: any type but application/wasm is a TypeError.
    ask.add(
        {"type": "module", "module": "$module", "via": "streaming-wrong-mime"},
        {"error": "compile", "matches": r"(?is)TypeError.*MIME type"},
    )
    return ask.commands


CASES = [
    Case(
        "loading/streaming",
        "sha256",
        _streaming,
        "instantiateStreaming of a module served as application/wasm",
        targets=BROWSERS,
    ),
    Case(
        "loading/wrong-mime-type",
        "sha256",
        _wrong_mime,
        "instantiateStreaming of a module served as text/plain is refused, and the browser names the MIME type",
        languages=("rust",),
        targets=BROWSERS,
    ),
]
