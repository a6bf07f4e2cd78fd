"""A script of the standard's own form, as `wast2json` and `wasm-tools json-from-wast` write it.

Format: https://github.com/WebAssembly/wabt/blob/main/docs/wast2json.md. The two differ: the second writes integers
signed, leaves out the types of results that no command expects, and has more commands.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from conformance.case import Script
from conformance.snapshot import Snapshot
from conformance.steps import TRAPS
from modules.binary import BinaryError, read_border, signature
from modules.proposals import features_of

__all__ = ["Converted", "WastFault", "read_wast"]

_WIDTHS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64}
_REFUSED: dict[str, Sequence[str]] = {
    "assert_invalid": ["compile"],
    "assert_malformed": ["compile"],
    "assert_unlinkable": ["link", "instantiate"],
}
"""Command → the phases of which its error may be."""
_SPECTEST = b"\x08spectest"  # as a name in a module's imports
_SHARED = b"\x0dshared_memory"


class WastFault(ValueError):
    """The file is not such a script; the message says where."""


@dataclass(frozen=True)
class Converted:
    """`say` counts what the script asks, and what of it cannot be asked; `features` are those that its modules need."""

    script: Script
    features: tuple[str, ...]
    say: str


def read_wast(name: str, snapshot: Snapshot) -> Converted:
    """The script in the file `name`. Errors: WastFault, FileFault."""
    try:
        data = json.loads(snapshot.read(name))
        source, commands = str(data.get("source_filename", name)), data["commands"]
    except (ValueError, KeyError, AttributeError) as error:
        raise WastFault(f"{name}: not what wast2json writes: {error}") from error
    converter = _Converter(name, source, snapshot)
    converter.all(commands)
    said = [f"{len(converter.script)} commands"]
    said += [f"{count} {what} left out" for what, count in converter.left_out.items()]
    return Converted([*converter.prelude(), *converter.script], tuple(sorted(converter.features)), ", ".join(said))


class _Converter:
    """Each instance gets a name, so that an action finds its own whatever came between."""

    def __init__(self, name: str, source: str, snapshot: Snapshot) -> None:
        self._name, self._source, self._snapshot = name, source, snapshot
        self.script: Script = []
        self.features: set[str] = set()
        self.left_out: Counter[str] = Counter()
        self._spectest = self._shared = False
        self._definitions: dict[str | None, str] = {}
        self._exports: dict[str, Mapping[str, str]] = {}
        self._current: str | None = None
        self._line = 0

    def prelude(self) -> Script:
        """The module `spectest` that the standard's scripts import, where one does."""
        if not self._spectest:
            return []
        limits = {"minimum": 1, "maximum": 2, "shared": True}
        shared = [{"type": "memory", "as": ["spectest", "shared_memory"], **limits}] if self._shared else []
        return [
            {"type": "module", "module": "wat-spectest", "name": "#spectest"},
            {"type": "register", "as": "spectest", "name": "#spectest"},
            *shared,
        ]

    def all(self, commands: Any) -> None:
        for command in commands:
            try:
                self._line = command.get("line", 0)
                self._command(command["type"], command)
            except (KeyError, TypeError, AttributeError) as error:
                raise WastFault(f"{self._name}: the command of line {self._line} lacks {error}") from error

    def _command(self, kind: str, command: Mapping[str, Any]) -> None:
        if kind == "module":
            self._instantiate(self._file(command) or "", command.get("name"))
        elif kind == "module_definition":
            self._definitions[command.get("name")] = self._file(command) or ""
        elif kind == "module_instance":
            self._instantiate(self._definitions[command.get("module")], command.get("instance"))
        elif kind == "register":
            name = command.get("name") or self._current
            self._add({"type": "register", "as": command["as"], "name": name})
        elif kind in ("action", "assert_return", "assert_trap", "assert_exhaustion", "assert_exception"):
            self._action(kind, command)
        elif kind in _REFUSED or kind == "assert_uninstantiable":
            self._refused(kind, command)
        elif kind == "thread":
            # Its commands go where it starts, one after the other: an order that the standard allows.
            current, self._current = self._current, None
            self.all(command["commands"])
            self._current = current
        elif kind in ("assert_malformed_custom", "assert_invalid_custom"):
            self.left_out["on custom sections"] += 1
        elif kind == "assert_suspension":
            self.left_out["on suspensions"] += 1
        elif kind != "wait":
            raise WastFault(f"{self._name}: line {self._line}: no such command: {kind!r}")

    def _add(self, command: dict[str, Any], expect: Mapping[str, Any] | None = None) -> None:
        self.script.append({**command, "expect": {**(expect or {}), "what": f"{self._source}:{self._line}"}})

    def _file(self, command: Mapping[str, Any]) -> str | None:
        """The path of a command's module; None where it is there as text alone, which no engine reads."""
        name = command["filename"]
        if command.get("module_type", "binary") == "text":
            name = command.get("binary_filename")
        return None if name is None else str(PurePosixPath(self._name).parent / name)

    def _content(self, path: str) -> tuple[dict[str, str], bytes]:
        kept, digest = self._snapshot.path(path)
        wasm = kept.read_bytes()
        self._spectest |= _SPECTEST in wasm
        self._shared |= _SPECTEST in wasm and _SHARED in wasm
        return {"sha256": digest, "path": str(kept)}, wasm

    def _instantiate(self, path: str, name: str | None) -> None:
        if not path:
            raise WastFault(f"{self._name}: line {self._line}: a module that is text alone cannot be instantiated")
        content, wasm = self._content(path)
        self._current = name or f"#{len(self.script)}"
        try:
            self.features |= features_of(wasm)
            self._exports[self._current] = read_border(wasm).exports
        except BinaryError:  # of a proposal that is newer than our reader: the engine is asked anyway
            self._exports[self._current] = {}
        self._add({"type": "module", **content, "name": self._current})

    def _refused(self, kind: str, command: Mapping[str, Any]) -> None:
        path = self._file(command)
        if path is None:
            self.left_out["in text"] += 1
            return
        content, _ = self._content(path)
        if kind == "assert_uninstantiable":
            self._add({"type": kind, **content}, _trap(command.get("text", "")))
        else:
            self._add({"type": kind, **content}, {"error": _REFUSED[kind]})

    def _action(self, kind: str, command: Mapping[str, Any]) -> None:
        given = command["action"]
        name = given.get("module") or self._current
        line = self._exports.get(name or "", {}).get(given["field"], "")
        params, results = signature(line) or (None, None)
        expected = command.get("expected", [])
        action: dict[str, Any] = {"type": given["type"], "field": given["field"], "module": name}
        if given["type"] == "invoke":
            action["args"] = [
                _value(value, params[place] if params and place < len(params) else None)
                for place, value in enumerate(given["args"])
            ]
        if line.startswith("global "):
            results = [line.removeprefix("global ").removeprefix("mut ")]
        elif results is None:
            results = [value.get("type", "") for value in expected]
        expect: dict[str, Any] = {}
        if kind == "assert_return":
            expect = {"values": [_value(value) for value in expected]}
        elif kind in ("assert_trap", "assert_exhaustion"):
            expect = _trap(command.get("text", ""))
        elif kind == "assert_exception":
            expect = {"failure": [{"exception": True}]}
        self._add({"type": kind, "action": action, "results": results}, expect)


def _trap(text: str) -> dict[str, Any]:
    """The trap that a text means; any where the protocol has no word for it."""
    kinds = [kind for kind in TRAPS if text and (text.startswith(kind) or kind.startswith(text))]
    if not kinds and text.startswith("null ") and text.endswith(" reference"):
        kinds = ["null reference"]
    return {"trap": kinds} if kinds else {"failure": [{"trap": True}]}


def _value(value: Mapping[str, Any], param: str | None = None) -> dict[str, Any]:
    """A value as the protocol writes it; `param` is the type of the parameter that it is for."""
    type_ = value["type"]
    if type_ == "either":
        return {"any": [_value(choice) for choice in value["values"]]}
    if type_ == "v128":
        lanes = [_bits(value["lane_type"], lane) for lane in value["value"]]
        return {"type": "v128", "lane_type": value["lane_type"], "value": lanes}
    if type_ in ("refnull", "nullref", "nullfuncref", "nullexternref", "nullexnref"):
        return {"type": param, "value": "null"} if param else {"type": "refnull"}
    if isinstance(value.get("value"), str):
        return {"type": type_, "value": _bits(type_, value["value"])}
    return {"type": type_}


def _bits(type_: str, text: str) -> str:
    """An integer may be written signed."""
    width = _WIDTHS.get(type_)
    return str(int(text) & (1 << width) - 1) if width else text
