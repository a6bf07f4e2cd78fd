"""An instance of a module, and what of it others may import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runners.engine import EngineError, Value
from runners.linear import the_memory
from runners.wasmedge import _library
from runners.wasmedge._library import FUNCTION, GLOBAL, MEMORY, text, values
from runners.wasmedge.memory import Memory
from runners.wasmedge.module import Code
from runners.wasmedge.native import Native

__all__ = ["Export", "Instance"]


@dataclass(frozen=True)
class Export:
    """An export of an instance: what another instance may import."""

    instance: Instance
    name: str
    kind: int


class Instance:
    """An instance; every function looked up is kept, as scripts call one many times.

    `references` are the functions of its store that funcrefs lead to; `fail` raises what a result that is no success
    tells of, with the phase of another error."""

    def __init__(
        self, native: Native, code: Code, handle: int, references: list[int], fail: Callable[[int, str], None]
    ) -> None:
        self._native, self._code, self._handle, self._references, self._fail = native, code, handle, references, fail
        self._functions: dict[str, tuple[int, list[str], list[str]]] = {}

    def function(self, name: str) -> tuple[int, list[str], list[str]]:
        """The function exported as `name`, and the types of its parameters and results."""
        known = self._functions.get(name)
        if known is not None:
            return known
        library = self._native.library
        if self._code.exports.get(name) != FUNCTION:
            raise EngineError("call", f"no function is exported as {name!r}")
        handle = library.ModuleInstanceFindFunction(self._handle, text(name))
        kind = library.FunctionInstanceGetFunctionType(handle)

        def types(what: str) -> list[str]:
            found = (_library.Type * getattr(library, f"FunctionTypeGet{what}Length")(kind))()
            getattr(library, f"FunctionTypeGet{what}")(kind, found, len(found))
            return [self._native.name(item) for item in found]

        made = self._functions[name] = handle, types("Parameters"), types("Returns")
        return made

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]:
        native = self._native
        handle, wanted, given = self.function(name)
        if [value.type for value in args] != wanted or list(results) != given:
            raise EngineError("call", f"{name} takes ({', '.join(wanted)}) and gives ({', '.join(given)})")
        arguments, returns = values(len(args)), values(len(results))
        for raw, value in zip(arguments, args, strict=True):
            native.put(raw, value, self._references)
        code = native.library.ExecutorInvoke(native.executor, handle, arguments, len(args), returns, len(results))
        if code:
            self._fail(code, "call")
        return [native.take(raw, self._references) for raw in returns]

    def _global(self, name: str) -> int | None:
        if self._code.exports.get(name) != GLOBAL:
            return None
        return int(self._native.library.ModuleInstanceFindGlobal(self._handle, text(name)))

    def get(self, name: str) -> Value | None:
        found = self._global(name)
        if found is None:
            return None
        return self._native.take(self._native.library.GlobalInstanceGetValue(found), self._references)

    def set(self, name: str, value: Value) -> None:
        found = self._global(name)
        if found is None:
            raise EngineError("call", f"no global is exported as {name!r}")
        (raw,) = array = values(1)
        self._native.put(raw, value, self._references)
        code = self._native.library.GlobalInstanceSetValue(found, array[0])
        if code:
            raise self._native.failure(code, "call")

    def memory(self) -> Memory | None:
        name = the_memory([name for name, kind in self._code.exports.items() if kind == MEMORY])
        if name is None:
            return None
        return Memory(self._native.library, self._native.library.ModuleInstanceFindMemory(self._handle, text(name)))

    def exports(self) -> Mapping[str, Any]:
        return {name: Export(self, name, kind) for name, kind in self._code.exports.items()}
