"""WasmEdge as an `Engine` of the script interpreter."""

from __future__ import annotations

import ctypes
import os
import sys
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import byref, c_void_p
from pathlib import Path
from typing import Any

from runners.commands import command
from runners.engine import PAGE, EngineError, Exit, Grant, Trap, UncaughtException, Value, WasiOutcome
from runners.linear import Linear, check_limits, the_memory
from runners.wasmedge import _library
from runners.wasmedge._library import FUNCTION, GLOBAL, HOST, MEMORY, names, text, values

__all__ = ["WasmEdge"]

PROPOSALS = range(7, 17)
"""`WasmEdge_Proposal`, those that are no part of WebAssembly 2.0: tail calls to exceptions, without components."""


TERMINATED = 0x0001
UNCAUGHT = 0x0419
LINK = range(0x0300, 0x0303)

KINDS: Mapping[int, Sequence[str]] = {
    0x0303: ["out of bounds memory access"],
    0x0304: ["out of bounds table access"],
    0x0404: ["integer divide by zero"],
    0x0405: ["integer overflow"],
    0x0406: ["invalid conversion to integer"],
    0x0407: ["out of bounds table access"],
    0x0408: ["out of bounds memory access"],
    0x040A: ["unreachable"],
    0x040B: ["uninitialized element"],
    0x040C: ["undefined element"],
    0x040D: ["indirect call type mismatch"],
    0x0410: ["unaligned atomic"],
    0x0411: ["expected shared memory"],
    0x0412: ["null reference"],
    0x0413: ["null reference"],
    0x0414: ["null reference"],
    0x0415: ["null reference"],
    0x0416: ["null reference"],
    0x0417: ["null reference"],
}
"""`WasmEdge_ErrCode` → the spec's words that it stands for."""


class _Native:
    """The library and what all stores share of it."""

    def __init__(self, path: Path) -> None:
        self.library = library = _library.loaded(path)
        library.LogOff()  # the results say it
        configuration = library.ConfigureCreate()
        for proposal in PROPOSALS:
            library.ConfigureAddProposal(configuration, proposal)
        self.loader = library.LoaderCreate(configuration)
        self.validator = library.ValidatorCreate(configuration)
        self.executor = library.ExecutorCreate(configuration, None)
        kinds = {"i32": "I32", "i64": "I64", "f32": "F32", "f64": "F64", "v128": "V128"}
        references = {"funcref": "FuncRef", "externref": "ExternRef"}
        self.types = {
            name: bytes(getattr(library, f"ValTypeGen{of}")().data) for name, of in (kinds | references).items()
        }
        self._names = {data[2:]: name for name, data in self.types.items()}
        for name in references:  # what is no null comes back with a type of its own
            self._names[b"\x64" + self.types[name][3:]] = name

    def name(self, kind: _library.Type) -> str:
        data = bytes(kind.data)[2:]  # nobody writes the first two
        return self._names.get(data) or f"type {data.hex()}"

    def failure(self, code: int, phase: str) -> Exception:
        """What a result that is no success tells of."""
        message = (self.library.ResultGetMessage(code) or b"").decode(errors="replace")
        if code in LINK:
            return EngineError("link", message)
        if code in KINDS:
            return Trap(KINDS[code], message)
        if code == UNCAUGHT:
            return UncaughtException(message)
        return EngineError(phase, message)

    def put(self, raw: Any, value: Value, functions: Sequence[int]) -> None:
        """Writes a value. A reference's upper half is what it leads to, an externref's the host's number + 1."""
        if value.type not in self.types:
            raise EngineError("call", f"no type of value: {value.type}")
        ctypes.memmove(ctypes.addressof(raw.type), self.types[value.type], 8)
        if value.type not in ("funcref", "externref"):
            raw.bits[0], raw.bits[1] = value.bits & (1 << 64) - 1, value.bits >> 64
            return
        raw.bits[0] = int.from_bytes(self.types[value.type], "little")
        if value.bits < 0:
            raw.bits[1] = 0
        elif value.type == "externref":
            raw.bits[1] = value.bits + 1
        elif value.bits < len(functions):
            raw.bits[1] = functions[value.bits]
        else:
            raise EngineError("call", f"no funcref has the number {value.bits}")

    def take(self, raw: Any, functions: list[int]) -> Value:
        kind = self.name(raw.type)
        low, high = raw.bits
        if kind == "externref":
            return Value(kind, high - 1)
        if kind == "funcref":
            if not high:
                return Value(kind, -1)
            functions.append(high)
            return Value(kind, len(functions) - 1)
        if kind not in self.types:
            raise EngineError("call", f"the binding carries no value of {kind}", "unsupported")
        width = {"i32": 32, "f32": 32, "i64": 64, "f64": 64, "v128": 128}[kind]
        return Value(kind, (high << 64 | low) & (1 << width) - 1)


class Memory(Linear):
    """A linear memory."""

    def __init__(self, library: Any, handle: int) -> None:
        self._library, self.handle = library, handle

    def _span(self) -> tuple[int, int]:
        size = self._library.MemoryInstanceGetPageSize(self.handle) * PAGE
        return int(self._library.MemoryInstanceGetPointer(self.handle, 0, min(size, PAGE)) or 0), int(size)


class HostMemory(Memory):
    """A memory of the script's. The first import gives it a module, and with it the names that it has ever after."""

    def __init__(self, library: Any, minimum: int, maximum: int | None, shared: bool) -> None:
        check_limits(minimum, maximum)
        limit = _library.Limit(maximum is not None, shared, minimum, maximum or 0)
        kind = library.MemoryTypeCreate(limit)
        super().__init__(library, library.MemoryInstanceCreate(kind))
        library.MemoryTypeDelete(kind)
        if not self.handle:
            raise EngineError("memory", f"WasmEdge made no memory of {minimum} to {maximum} pages")
        self._module: int | None = None
        self._end = weakref.finalize(self, library.MemoryInstanceDelete, self.handle)

    def module(self, module: str, field: str) -> int:
        """The module that exports it."""
        if self._module is None:
            self._module = self._library.ModuleInstanceCreate(text(module))
            self._library.ModuleInstanceAddMemory(self._module, text(field), self.handle)
            self._end.detach()  # it is the module's now
            self._end = weakref.finalize(self, self._library.ModuleInstanceDelete, self._module)
        return self._module


class Export:
    """An export of an instance: what another instance may import."""

    def __init__(self, instance: Instance, name: str, kind: int) -> None:
        self.instance, self.name, self.kind = instance, name, kind


class Code:
    """A validated module."""

    def __init__(self, native: _Native, wasm: bytes) -> None:
        library, module = native.library, c_void_p()
        if wasm[:4] != b"\0asm":
            # It would take a library of machine code, too, and run it.
            raise EngineError("compile", "magic header not detected")
        code = library.LoaderParseFromBuffer(native.loader, byref(module), wasm, len(wasm))
        if not code:
            weakref.finalize(self, library.ASTModuleDelete, module)
            code = library.ValidatorValidate(native.validator, module)
        if code:
            raise EngineError("compile", str(native.failure(code, "compile")))
        self.handle = module
        self.imports = [
            (_string(library.ImportTypeGetModuleName(item)), _string(library.ImportTypeGetExternalName(item)))
            for item in self._list(library, "Imports")
        ]
        self.exports = {
            _string(library.ExportTypeGetExternalName(item)): library.ExportTypeGetExternalType(item)
            for item in self._list(library, "Exports")
        }

    def _list(self, library: Any, what: str) -> list[int]:
        count = getattr(library, f"ASTModuleList{what}Length")(self.handle)
        items = (c_void_p * count)()
        getattr(library, f"ASTModuleList{what}")(self.handle, items, count)
        return list(items)


def _string(string: Any) -> str:
    return ctypes.string_at(string.buffer, string.length).decode() if string.length else ""


class Instance:
    """An instance; every function looked up is kept, as scripts call one many times."""

    def __init__(self, store: Store, code: Code, handle: int) -> None:
        self._store, self._native, self.code, self.handle = store, store.native, code, handle
        self._functions: dict[str, tuple[int, list[str], list[str]]] = {}

    def function(self, name: str) -> tuple[int, list[str], list[str]]:
        """The function exported as `name`, and the types of its parameters and results."""
        known = self._functions.get(name)
        if known is not None:
            return known
        library = self._native.library
        if self.code.exports.get(name) != FUNCTION:
            raise EngineError("call", f"no function is exported as {name!r}")
        handle = library.ModuleInstanceFindFunction(self.handle, text(name))
        kind = library.FunctionInstanceGetFunctionType(handle)

        def types(what: str) -> list[str]:
            found = (_library.Type * getattr(library, f"FunctionTypeGet{what}Length")(kind))()
            getattr(library, f"FunctionTypeGet{what}")(kind, found, len(found))
            return [self._native.name(item) for item in found]

        made = self._functions[name] = handle, types("Parameters"), types("Returns")
        return made

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]:
        native, store = self._native, self._store
        handle, wanted, given = self.function(name)
        if [value.type for value in args] != wanted or list(results) != given:
            raise EngineError("call", f"{name} takes ({', '.join(wanted)}) and gives ({', '.join(given)})")
        arguments, returns = values(len(args)), values(len(results))
        for raw, value in zip(arguments, args, strict=True):
            native.put(raw, value, store.functions)
        code = native.library.ExecutorInvoke(native.executor, handle, arguments, len(args), returns, len(results))
        if code:
            store.fail(code, "call")
        return [native.take(raw, store.functions) for raw in returns]

    def _global(self, name: str) -> int | None:
        if self.code.exports.get(name) != GLOBAL:
            return None
        return int(self._native.library.ModuleInstanceFindGlobal(self.handle, text(name)))

    def get(self, name: str) -> Value | None:
        found = self._global(name)
        if found is None:
            return None
        return self._native.take(self._native.library.GlobalInstanceGetValue(found), self._store.functions)

    def set(self, name: str, value: Value) -> None:
        found = self._global(name)
        if found is None:
            raise EngineError("call", f"no global is exported as {name!r}")
        (raw,) = array = values(1)
        self._native.put(raw, value, self._store.functions)
        code = self._native.library.GlobalInstanceSetValue(found, array[0])
        if code:
            raise self._native.failure(code, "call")

    def memory(self) -> Memory | None:
        name = the_memory([name for name, kind in self.code.exports.items() if kind == MEMORY])
        if name is None:
            return None
        return Memory(self._native.library, self._native.library.ModuleInstanceFindMemory(self.handle, text(name)))

    def exports(self) -> Mapping[str, Any]:
        return {name: Export(self, name, kind) for name, kind in self.code.exports.items()}


class Store:
    """The instances of one thread of a script, and what must live as long as they do."""

    def __init__(self, native: _Native) -> None:
        self.native = native
        self.functions: list[int] = []
        self._ends: list[Any] = []
        self._kept: list[Any] = []
        self._wasi: list[int] = []

    def fail(self, code: int, phase: str) -> None:
        """Raises what a result that is no success tells of."""
        if code == TERMINATED and self._wasi:
            raise Exit(self.native.library.ModuleInstanceWASIGetExitCode(self._wasi[-1]))
        raise self.native.failure(code, phase)

    def instantiate(self, code: Code, imports: Mapping[tuple[str, str], Any], wasi: Grant | None) -> Instance:
        library = self.native.library
        # WasmEdge resolves imports by the names of modules: each instance has a list of them that is its own.
        names_of = library.StoreCreate()
        modules = self._modules(code, imports)
        if wasi is not None:
            modules.append(self._grant(wasi))
        try:
            for module in modules:
                failed = library.ExecutorRegisterImport(self.native.executor, names_of, module)
                if failed:
                    raise EngineError(
                        "link", "WasmEdge takes all imports that name one module from one place", "unsupported"
                    )
            made = c_void_p()
            failed = library.ExecutorInstantiate(self.native.executor, byref(made), names_of, code.handle)
            if failed:
                self.fail(failed, "instantiate")
        finally:
            self._ends.append(lambda: library.StoreDelete(names_of))
        self._kept.append(code)
        self._ends.append(lambda: library.ModuleInstanceDelete(made))
        return Instance(self, code, made.value or 0)

    def _modules(self, code: Code, imports: Mapping[tuple[str, str], Any]) -> list[int]:
        """The modules that export what `code` imports of `imports`."""
        library, made, given = self.native.library, {}, []
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
        native = self.native
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
        library = self.native.library
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
def _stdio(*files: int) -> Iterator[None]:
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
    with _stdio():
        work(*arguments)


class WasmEdge:
    """The engine: its interpreter."""

    runtime = "wasmedge"

    def __init__(self, library: Path) -> None:
        self._native = _Native(library)
        self.version: str = self._native.library.VersionGet().decode().split("-")[0]
        self.facts: Mapping[str, str] = {
            "mode": "interpreter",
            "library": f"{library.stat().st_size // 1024} KiB",
        }

    def compile(self, wasm: bytes) -> Code:
        return Code(self._native, wasm)

    def imports(self, code: Code) -> list[tuple[str, str]]:
        return list(code.imports)

    def store(self) -> Store:
        return Store(self._native)

    def shared_memory(self, minimum: int, maximum: int) -> HostMemory:
        return HostMemory(self._native.library, minimum, maximum, shared=True)

    def memory(self, store: Any, minimum: int, maximum: int | None) -> HostMemory:
        del store  # every store may import it
        return HostMemory(self._native.library, minimum, maximum, shared=False)

    def run_command(self, code: Code, grant: Grant, scratch: Path) -> WasiOutcome:
        def run(*files: Path) -> int:
            store = self.store()
            with files[0].open("rb") as stdin, files[1].open("wb") as stdout, files[2].open("wb") as stderr:
                sys.stderr.flush()
                with _stdio(stdin.fileno(), stdout.fileno(), stderr.fileno()):
                    try:
                        store.run(code, grant)
                    finally:
                        store.close()
            return 0

        return command(grant, scratch, run)
