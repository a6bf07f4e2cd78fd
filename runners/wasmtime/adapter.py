"""wasmtime as an `Engine` of the script interpreter."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from ctypes import byref
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import wasmtime
import wasmtime._ffi as ffi

from runners import engine, wasi_threads
from runners.commands import command
from runners.compiled import Compiled
from runners.engine import THREAD_SPAWN, EngineError, Grant, Value, WasiOutcome
from runners.wasmtime import _binding
from runners.wasmtime._bridge import switch
from runners.wasmtime.memory import SharedMemory, StoreMemory
from runners.wasmtime.modes import MODES
from runners.wasmtime.store import Code, Store, wasi_config

__all__ = ["PROPOSALS", "Wasmtime"]

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

_LAUNCH = str(Path(__file__).parents[1] / "_launch.py")


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
        return Code.of(module)

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
        code = Code.of(wasmtime.Module.deserialize_file(self._engine, str(scratch / "module")))
        grant: Grant = pickle.loads((scratch / "grant").read_bytes())  # noqa: S301 (our own, of a moment ago)
        imports: dict[tuple[str, str], Any] = {}
        for item in code.module.imports:
            if isinstance(item.type, wasmtime.MemoryType):
                limits = item.type.limits
                memory = self.shared_memory(limits.min, limits.max or limits.min)
                imports[item.module, item.name or ""] = memory

        def start(spawn: wasi_threads.Spawn) -> Callable[..., object]:
            store = self.store()
            config = wasi_config(grant)
            config.inherit_stdin()
            config.inherit_stdout()
            config.inherit_stderr()
            store.give(grant, config)
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
            config = wasi_config(grant)
            config.stdin_file = stdin
            config.stdout_file = str(stdout)
            config.stderr_file = str(stderr)
            store = self.store()
            try:
                store.give(grant, config)
                store.instantiate(code, {}, grant).invoke("_start", [], [])
            finally:
                store.close()  # and with it the engine's open files
            return 0

        return command(grant, scratch, run)
