"""wasmtime as an `Engine` of the script interpreter."""

from __future__ import annotations

import ctypes
import hashlib
import pickle
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from ctypes import byref
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import wasmtime
import wasmtime._ffi as ffi

from runners import engine, wasi_threads
from runners.commands import command
from runners.compiled import Compiled
from runners.engine import (
    THREAD_SPAWN,
    WASI,
    EngineError,
    Grant,
    Value,
    WasiOutcome,
)
from runners.linear import Linear
from runners.wasmtime import _binding
from runners.wasmtime._bridge import SHARED_MEMORY, switch, unroot
from runners.wasmtime.modes import MODES, Mode

__all__ = ["Wasmtime"]

PROPOSALS = (
    "wasm_threads",
    "shared_memory",
    "wasm_simd",
    "wasm_relaxed_simd",
    "wasm_tail_call",
    "wasm_multi_memory",
    "wasm_memory64",
    "wasm_exceptions",
    "wasm_function_references",
    "wasm_gc",
    "wasm_wide_arithmetic",
    "wasm_custom_page_sizes",
)
"""What is switched on, where the engine has a switch for it (those that no switch names are on, or not to be had)."""

_NO_FINALIZER = ctypes.cast(0, ctypes.CFUNCTYPE(None, ctypes.c_void_p))

_LAUNCH = str(Path(__file__).parents[1] / "_launch.py")


class StoreMemory(Linear):
    """A memory of one store."""

    def __init__(self, context: Any, extern: Any) -> None:
        self._context, self.extern = context, extern

    def _span(self) -> tuple[int, int]:
        memory = byref(self.extern.of.memory)
        start = ctypes.cast(ffi.wasmtime_memory_data(self._context, memory), ctypes.c_void_p).value or 0
        return start, ffi.wasmtime_memory_data_size(self._context, memory)


class SharedMemory(Linear):
    """A shared memory, of every store of the engine."""

    def __init__(self, memory: _binding.Shared) -> None:
        self._memory, self.extern = memory, memory.extern

    def _span(self) -> tuple[int, int]:
        start = ctypes.cast(ffi.wasmtime_sharedmemory_data(self._memory.raw), ctypes.c_void_p).value or 0
        return start, ffi.wasmtime_sharedmemory_data_size(self._memory.raw)


@dataclass(frozen=True)
class Code:
    """A compiled module and what it imports, by (module, field), in its order."""

    module: wasmtime.Module
    imports: Sequence[tuple[str, str]]


def _coded(module: wasmtime.Module) -> Code:
    return Code(module, [(item.module, item.name or "") for item in module.imports])


class Instance:
    """An instance; every function looked up is kept, as scripts call one many times."""

    def __init__(self, store: Store, raw: Any) -> None:
        self._store, self._raw, self._context = store, raw, store.context
        self._functions: dict[str, Any] = {}

    def _function(self, name: str) -> Any:
        known = self._functions.get(name)
        if known is not None:
            return known
        extern = _binding.export(self._context, self._raw, name)
        if extern is None or extern.kind != ffi.WASMTIME_EXTERN_FUNC.value:
            raise EngineError("call", f"no function is exported as {name!r}")
        function = self._functions[name] = extern.of.func
        return function

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]:
        return _binding.call(self._context, self._function(name), args, results, self._store.references)

    def _global(self, name: str) -> Any | None:
        extern = _binding.export(self._context, self._raw, name)
        if extern is None or extern.kind != ffi.WASMTIME_EXTERN_GLOBAL.value:
            return None
        return extern.of.global_

    def get(self, name: str) -> Value | None:
        found = self._global(name)
        if found is None:
            return None
        raw = ffi.wasmtime_val_t()
        ffi.wasmtime_global_get(self._context, byref(found), byref(raw))
        try:
            return _binding.from_raw(raw, self._context, self._store.references)
        finally:
            unroot(self._context, raw)

    def set(self, name: str, value: Value) -> None:
        found = self._global(name)
        if found is None:
            raise EngineError("call", f"no global is exported as {name!r}")
        raw = ffi.wasmtime_val_t()
        _binding.to_raw(raw, value, self._context, self._store.references)
        try:
            error = ffi.wasmtime_global_set(self._context, byref(found), byref(raw))
            _binding.raise_failure(self._context, "call", error, None)
        finally:
            unroot(self._context, raw)

    def memory(self) -> StoreMemory | SharedMemory | None:
        found = _binding.export(self._context, self._raw, "memory")
        if found is not None:
            item = self._handle(found)
            if isinstance(item, (StoreMemory, SharedMemory)):
                return item
        memories = [item for item in self.exports().values() if isinstance(item, (StoreMemory, SharedMemory))]
        return memories[0] if len(memories) == 1 else None

    def _handle(self, extern: Any) -> Any:
        if extern.kind == SHARED_MEMORY:
            # This kind alone owns a reference: ours takes it over, and gives it back.
            return SharedMemory(_binding.Shared(extern.of.sharedmemory))
        if extern.kind == ffi.WASMTIME_EXTERN_MEMORY.value:
            return StoreMemory(self._context, extern)
        return extern

    def exports(self) -> Mapping[str, Any]:
        found = _binding.exports(self._context, self._raw)
        return {name: self._handle(extern) for name, extern in found.items()}


class Store:
    """A wasmtime store. `close` frees all its instances; what came out of it must not be used after."""

    def __init__(self, native: wasmtime.Engine, linker: wasmtime.Linker, mode: Mode) -> None:
        self._raw: Any = ffi.wasmtime_store_new(native.ptr(), None, _NO_FINALIZER)
        self.context = ffi.wasmtime_store_context(self._raw)
        mode.grant(self.context)
        self.references = _binding.References()
        self._linker = linker
        self._granted: Grant | None = None
        self._kept: list[Any] = []

    def instantiate(self, code: Code, imports: Mapping[tuple[str, str], Any], wasi: Grant | None) -> Instance:
        if wasi is not None:
            self._grant(wasi)
        given = []
        for name in code.imports:
            item = imports.get(name)
            if item is not None:
                given.append(item.extern if isinstance(item, (StoreMemory, SharedMemory)) else item)
            elif wasi is not None and name[0] == WASI:
                given.append(self._wasi_function(name))
            else:
                raise EngineError("link", f"unknown import: {name[0]}::{name[1]} is not defined")
        return Instance(self, _binding.instantiate(self.context, code.module, given))

    def _wasi_function(self, name: tuple[str, str]) -> Any:
        item = ffi.wasmtime_extern_t()
        module, field = (part.encode() for part in name)
        if not ffi.wasmtime_linker_get(
            self._linker.ptr(),
            self.context,
            ctypes.create_string_buffer(module),
            len(module),
            ctypes.create_string_buffer(field),
            len(field),
            byref(item),
        ):
            raise EngineError("link", f"unknown import: the engine's WASI has no {name[1]}")
        return item

    def _grant(self, grant: Grant) -> None:
        if self._granted == grant:
            return
        if self._granted is not None:
            # The engine keeps one WASI state for a store: a second grant would take the first one's files away.
            raise EngineError("wasi", "a store of wasmtime has one WASI grant", "unsupported")
        self._granted = grant
        config = _wasi_config(grant)
        if grant.stdin:
            with tempfile.NamedTemporaryFile() as file:  # the engine opens it here, and keeps it open
                file.write(grant.stdin)
                file.flush()
                config.stdin_file = file.name
        # Descriptor 1 is not the protocol's any more: what a module prints is evidence on standard error.
        config.inherit_stdout()
        config.inherit_stderr()
        self.set_wasi(config)

    def set_wasi(self, config: wasmtime.WasiConfig) -> None:
        _binding.set_wasi(self.context, config)

    def allow(self, grant: Grant) -> None:
        """Marks `grant` as given, by a caller that has called `set_wasi` itself."""
        self._granted = grant

    def function(self, call: Callable[[int], int]) -> Any:
        """A host function (i32) -> (i32), as an import."""
        item, kept = _binding.function(self.context, call)
        self._kept.append(kept)
        return item

    def close(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            ffi.wasmtime_store_delete(raw)


def _wasi_config(grant: Grant) -> wasmtime.WasiConfig:
    config = wasmtime.WasiConfig()
    try:
        config.argv = list(grant.args)
        config.env = list(grant.env.items())
        for preopen in grant.preopens:
            config.preopen_dir(str(preopen.path), preopen.guest)
    except wasmtime.WasmtimeError as error:
        raise EngineError("wasi", str(error)) from error
    return config


class Wasmtime:
    """The engine, in one of its modes. `cache` is a folder for compiled modules, or None for none; `switches` are names
    of options of the engine, which are turned on where version and mode have them."""

    runtime = "wasmtime"
    thread_spawn = "host"  # the engine's own left with 47

    def __init__(self, cache: Path | None = None, mode: str | None = None, switches: Sequence[str] = PROPOSALS) -> None:
        config = wasmtime.Config()
        self._name, self._switches = mode, switches
        self._mode = MODES[mode]()
        on = [name for name in switches if name not in self._mode.lacks and switch(config, name)]
        self._mode.configure(config)
        self.version = metadata.version("wasmtime")
        self._engine = wasmtime.Engine(config)
        self._linker = wasmtime.Linker(self._engine)
        self._linker.define_wasi()
        self.facts: Mapping[str, str] = {
            "mode": mode or "cranelift",
            "config": " ".join(on),
        }
        key = hashlib.sha256(" ".join([*on, self.facts["mode"]]).encode()).hexdigest()[:8]
        self._compiled = Compiled(
            folder=None if cache is None else cache / f"wasmtime-{self.version}-{key}",
            compile=partial(wasmtime.Module, self._engine),
            serialize=wasmtime.Module.serialize,
            load=lambda path: wasmtime.Module.deserialize_file(self._engine, str(path)),
            refused=wasmtime.WasmtimeError,
        )

    def compile(self, wasm: bytes) -> Code:
        if wasm[:4] != b"\0asm":
            # The binding would take it for text, and compile what no other runtime would.
            raise EngineError("compile", "magic header not detected")
        try:
            module = self._compiled.module(wasm)
        except wasmtime.WasmtimeError as error:
            raise EngineError("compile", str(error)) from error
        return _coded(module)

    def imports(self, code: Code) -> list[tuple[str, str]]:
        return list(code.imports)

    def store(self) -> Store:
        return Store(self._engine, self._linker, self._mode)

    def limit(self, seconds: float) -> AbstractContextManager[None]:
        return self._mode.limit(self._engine, seconds)

    def shared_memory(self, minimum: int, maximum: int) -> SharedMemory:
        return SharedMemory(_binding.shared_memory(self._engine, minimum, maximum))

    def memory(self, store: engine.Store, minimum: int, maximum: int | None) -> StoreMemory:
        if not isinstance(store, Store):
            raise TypeError("a store of another engine")
        raw = ffi.wasmtime_memory_t()
        try:
            kind = wasmtime.MemoryType(wasmtime.Limits(minimum, maximum))
        except (wasmtime.WasmtimeError, ValueError, OverflowError) as refused:
            raise EngineError("memory", str(refused)) from refused
        error = ffi.wasmtime_memory_new(store.context, kind.ptr(), byref(raw))
        _binding.raise_failure(store.context, "memory", error, None)
        union = ffi.wasmtime_extern_union(memory=raw)
        return StoreMemory(store.context, ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_MEMORY, union))

    def _run_threads(self, code: Code, grant: Grant, scratch: Path) -> WasiOutcome:
        """A program that starts threads, in a process of its own."""
        (scratch / "module").write_bytes(code.module.serialize())
        (scratch / "grant").write_bytes(pickle.dumps(grant))
        mode = () if self._name is None else ("--mode", self._name)
        switches = ("--switches", " ".join(self._switches))
        command = (sys.executable, "-I", "-B", _LAUNCH, "wasmtime", *mode, *switches, "--program", str(scratch))
        return wasi_threads.run(command, grant.stdin, scratch)

    def be_program(self, scratch: Path) -> NoReturn:
        """Is that program: each of its threads an instance in a store of its own, on the one memory that all import."""
        code = _coded(wasmtime.Module.deserialize_file(self._engine, str(scratch / "module")))
        grant: Grant = pickle.loads((scratch / "grant").read_bytes())  # noqa: S301 (our own, of a moment ago)
        imports: dict[tuple[str, str], Any] = {}
        for item in code.module.imports:
            if isinstance(item.type, wasmtime.MemoryType):
                limits = item.type.limits
                memory = self.shared_memory(limits.min, limits.max or limits.min)
                imports[item.module, item.name or ""] = memory

        def start(spawn: wasi_threads.Spawn) -> Callable[..., object]:
            store = self.store()
            config = _wasi_config(grant)
            config.inherit_stdin()
            config.inherit_stdout()
            config.inherit_stderr()
            store.set_wasi(config)
            store.allow(grant)
            instance = store.instantiate(code, {**imports, THREAD_SPAWN: store.function(spawn)}, grant)

            def call(field: str, *arguments: int) -> None:
                try:
                    instance.invoke(field, [Value("i32", argument) for argument in arguments], [])
                finally:
                    store.close()

            return call

        wasi_threads.be(start, scratch)

    def run_command(self, code: Code, grant: Grant, scratch: Path) -> WasiOutcome:
        if THREAD_SPAWN in code.imports:
            return self._run_threads(code, grant, scratch)

        def run(stdin: Path, stdout: Path, stderr: Path) -> int:
            config = _wasi_config(grant)
            config.stdin_file = stdin
            config.stdout_file = str(stdout)
            config.stderr_file = str(stderr)
            store = self.store()
            try:
                store.set_wasi(config)
                store.allow(grant)
                store.instantiate(code, {}, grant).invoke("_start", [], [])
            finally:
                store.close()  # and with it the engine's open files
            return 0

        return command(grant, scratch, run)
