"""The instances of a script or of one of its threads: what they import, their grants of WASI, their ends."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import byref, c_void_p
from typing import Any

from runners.engine import EngineError, Exit, Grant
from runners.wasmedge._library import FUNCTION, HOST, names, text
from runners.wasmedge.instance import Export, Instance
from runners.wasmedge.memory import HostMemory
from runners.wasmedge.module import Code
from runners.wasmedge.native import TERMINATED, Native

__all__ = ["Store", "stdio"]


class Store:
    """The instances of one thread of a script, and what must live as long as they do."""

    def __init__(self, native: Native) -> None:
        self._native = native
        self._references: list[int] = []
        self._ends: list[Any] = []
        self._kept: list[Any] = []
        self._wasi: list[int] = []

    def _fail(self, code: int, phase: str) -> None:
        """Raises what a result that is no success tells of."""
        if code == TERMINATED and self._wasi:
            raise Exit(self._native.library.ModuleInstanceWASIGetExitCode(self._wasi[-1]))
        raise self._native.failure(code, phase)

    def instantiate(self, code: Code, imports: Mapping[tuple[str, str], Any], wasi: Grant | None) -> Instance:
        library = self._native.library
        # WasmEdge resolves imports by the names of modules: each instance has a list of them that is its own.
        names_of = library.StoreCreate()
        modules = self._modules(code, imports)
        if wasi is not None:
            modules.append(self._grant(wasi))
        try:
            for module in modules:
                failed = library.ExecutorRegisterImport(self._native.executor, names_of, module)
                if failed:
                    raise EngineError(
                        "link", "WasmEdge takes all imports that name one module from one place", "unsupported"
                    )
            made = c_void_p()
            failed = library.ExecutorInstantiate(self._native.executor, byref(made), names_of, code.handle)
            if failed:
                self._fail(failed, "instantiate")
        finally:
            self._ends.append(lambda: library.StoreDelete(names_of))
        self._kept.append(code)
        self._ends.append(lambda: library.ModuleInstanceDelete(made))
        return Instance(self._native, code, made.value or 0, self._references, self._fail)

    def _modules(self, code: Code, imports: Mapping[tuple[str, str], Any]) -> list[int]:
        """The modules that export what `code` imports of `imports`."""
        library, made, given = self._native.library, {}, []
        for module, field in code.imports:
            item = imports.get((module, field))
            if isinstance(item, HostMemory):
                self._kept.append(item)
                given.append(item.module(module, field))
            elif item is not None and item.kind != FUNCTION:
                raise EngineError(
                    "link", f"WasmEdge's interface lends another instance functions alone, not {field}", "unsupported"
                )
            elif item is not None:
                if module not in made:
                    made[module] = library.ModuleInstanceCreate(text(module))
                    given.append(made[module])
                    self._ends.append(lambda handle=made[module]: library.ModuleInstanceDelete(handle))
                library.ModuleInstanceAddFunction(made[module], text(field), self._function(item))
        return given

    def _function(self, export: Export) -> int:
        """A function of the host's that calls the exported one: as WasmEdge would, with its result as it is."""
        native = self._native
        handle, params, results = export.instance.function(export.name)

        def call(_data: int, _frame: int, arguments: Any, returns: Any) -> int:
            return int(
                native.library.ExecutorInvoke(native.executor, handle, arguments, len(params), returns, len(results))
            )

        callback = HOST(call)
        self._kept.append(callback)
        kind = native.library.FunctionInstanceGetFunctionType(handle)
        return int(native.library.FunctionInstanceCreate(kind, callback, None, 0))

    def run(self, code: Code, grant: Grant) -> None:
        """Calls `_start`."""
        self.instantiate(code, {}, grant).invoke("_start", [], [])

    def _grant(self, grant: Grant) -> int:
        library = self._native.library
        environment = [f"{name}={value}" for name, value in grant.env.items()]
        folders = [f"{preopen.guest}:{preopen.path}" for preopen in grant.preopens]
        args, env, dirs = names(grant.args), names(environment), names(folders)
        module = library.ModuleInstanceCreateWASI(args, len(args), env, len(env), dirs, len(dirs))
        self._wasi.append(module)
        self._ends.append(lambda: _with_stdio(library.ModuleInstanceDelete, module))
        return int(module)

    def close(self) -> None:
        while self._ends:
            self._ends.pop()()
        self._kept.clear()


@contextmanager
def stdio(*files: int) -> Iterator[None]:
    """Descriptors 0, 1 and 2 are these for a while (with none: themselves), and what they were after that.

    WasmEdge's WASI has no others, and closes them when it ends."""
    kept = [os.dup(descriptor) for descriptor in range(3)]
    try:
        for descriptor, file in enumerate(files):
            os.dup2(file, descriptor)
        yield
    finally:
        for descriptor, old in enumerate(kept):
            os.dup2(old, descriptor)
            os.close(old)


def _with_stdio(work: Any, *arguments: Any) -> None:
    with stdio():
        work(*arguments)
