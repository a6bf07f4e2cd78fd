"""The instances of a script or of one of its threads: what they import, their grants of WASI, their ends."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import byref, c_char_p, c_void_p
from typing import Any

from runners.engine import THREAD_SPAWN, EngineError, Exit, Grant, Trap, UncaughtException, Value
from runners.wamr import _library, values
from runners.wamr._library import FUNCTION, MEMORY, NATIVE
from runners.wamr.failures import failure
from runners.wamr.instance import Export, Instance
from runners.wamr.memory import HostMemory
from runners.wamr.module import Code, Import
from runners.wamr.values import CELLS

__all__ = ["Store"]

STACK = 1 << 20
"""Bytes of operands, locals and frames that a thread's calls may have; the default of WAMR's own program is 64 KiB."""


class Store:
    """The instances of one thread of a script, and what must live as long as they do."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._ends: list[Any] = []
        self._kept: list[Any] = []
        self._pending: Exception | None = None
        if not library.wasm_runtime_thread_env_inited():
            library.wasm_runtime_init_thread_env()
            self._ends.append(library.wasm_runtime_destroy_thread_env)

    def _fail(self, instance: int) -> None:
        """Raises what ended a call into that instance."""
        message = (self._library.wasm_runtime_get_exception(instance) or b"").decode(errors="replace")
        self._library.wasm_runtime_clear_exception(instance)
        pending, self._pending = self._pending, None
        if pending is not None:
            raise pending
        if "wasi proc exit" in message:
            raise Exit(self._library.wasm_runtime_get_wasi_exit_code(instance))
        raise failure(message) or Trap((), message)

    def instantiate(self, code: Code, imports: Mapping[tuple[str, str], Any], wasi: Grant | None) -> Instance:
        memory = self._checked(code, imports)
        if memory is not None:
            memory.claim()
        linked = self._linked(code, imports)
        with self._arguments(wasi, memory, None) as arguments:
            instance = self._instance(linked, arguments, wasi is not None)
        if memory is not None:
            made = instance.first_memory()
            assert made
            memory.become(made)
        return instance

    def run(self, code: Code, grant: Grant, stdio: tuple[int, int, int]) -> int:
        """Runs a command as WAMR's own program does; its exit code. The end of any of its threads is the end of all."""
        self._checked(code, {})
        with self._arguments(grant, None, stdio) as arguments:
            instance = self._instance(code, arguments, wasi=True)
        instance.function("_start", (), ())
        if not self._library.wasm_application_execute_main(instance.handle, 0, None):
            self._fail(instance.handle)
        return int(self._library.wasm_runtime_get_wasi_exit_code(instance.handle))

    def _checked(self, code: Code, imports: Mapping[tuple[str, str], Any]) -> HostMemory | None:
        """The memory of the script's that it imports. EngineError of phase `link` for what it cannot be given."""
        memory, threads = None, any((wanted.module, wanted.name) == THREAD_SPAWN for wanted in code.imports)
        for wanted in code.imports:
            item = imports.get((wanted.module, wanted.name))
            name = f"{wanted.module}::{wanted.name}"
            if item is None:
                # WAMR itself has what is of WASI, and makes the memory of a program that starts threads.
                if (wanted.kind == FUNCTION and wanted.linked) or (wanted.kind == MEMORY and threads):
                    continue
                raise EngineError("link", f"unknown import: {name} is not defined")
            if isinstance(item, HostMemory):
                if wanted.kind != MEMORY or not item.fits(self._library, wanted.type):
                    raise EngineError("link", f"incompatible import type: {name}")
                memory = item
            elif item.kind != wanted.kind:
                raise EngineError("link", f"incompatible import type: {name}")
            elif wanted.kind != FUNCTION:
                raise EngineError(
                    "link", f"WAMR imports functions alone from another instance, not {name}", "unsupported"
                )
        return memory

    def _linked(self, code: Code, imports: Mapping[tuple[str, str], Any]) -> Code:
        """The module with its imports of other instances' functions; WAMR resolves them as it loads a module."""
        natives: dict[str, list[_library.NativeSymbol]] = {}
        for wanted in code.imports:
            item = imports.get((wanted.module, wanted.name))
            if isinstance(item, Export):
                native = self._native(item, wanted)
                pointer = ctypes.cast(native, c_void_p)
                self._kept.append(native)
                symbol = _library.NativeSymbol(wanted.name.encode(), pointer, None, None)
                natives.setdefault(wanted.module, []).append(symbol)
        if not natives:
            return code
        tables = [(module.encode(), (_library.NativeSymbol * len(of))(*of)) for module, of in natives.items()]
        for module, table in tables:
            self._library.wasm_runtime_register_natives_raw(module, table, len(table))
        try:
            return Code(self._library, code.wasm)
        finally:
            for module, table in tables:
                self._library.wasm_runtime_unregister_natives(module, table)

    def _native(self, export: Export, wanted: Import) -> Any:
        """A function of the host's that calls the exported one."""
        signature = export.instance.signature(export.name)
        if signature != values.imported(self._library, wanted.type):
            raise EngineError("link", f"incompatible import type: {wanted.module}::{wanted.name}")
        if len(signature.results) > 1 or "v128" in (*signature.params, *signature.results):
            raise EngineError("link", "WAMR calls no host function with several results or a v128", "unsupported")

        def call(environment: int, slots: Any) -> None:
            try:
                given = [
                    Value(kind, slots[index] & ((1 << 32 * CELLS[kind]) - 1))
                    for index, kind in enumerate(signature.params)
                ]
                for value in export.instance.invoke(export.name, given, signature.results):
                    slots[0] = value.bits & ((1 << 64) - 1)
            except (Trap, UncaughtException, Exit, EngineError) as error:
                self._pending = error
                instance = self._library.wasm_runtime_get_module_inst(environment)
                self._library.wasm_runtime_set_exception(instance, b"in an imported function")

        return NATIVE(call)

    @contextmanager
    def _arguments(
        self, grant: Grant | None, memory: HostMemory | None, stdio: tuple[int, int, int] | None
    ) -> Iterator[int]:
        """WAMR's arguments of an instantiation. `stdio`: descriptors, without: no input, and output to our stderr."""
        library, made = self._library, c_void_p()
        library.wasm_runtime_instantiation_args_create(byref(made))
        kept: list[Any] = []
        try:
            library.wasm_runtime_instantiation_args_set_default_stack_size(made, STACK)
            if memory is not None and memory.maximum is not None:
                library.wasm_runtime_instantiation_args_set_max_memory_pages(made, memory.maximum)
            if grant is not None:
                folders = [f"{preopen.guest}::{preopen.path}" for preopen in grant.preopens]
                environment = [f"{name}={value}" for name, value in grant.env.items()]
                args, env, dirs = (_strings(texts) for texts in (grant.args, environment, folders))
                kept += [args, env, dirs]
                library.wasm_runtime_instantiation_args_set_wasi_arg(made, args, len(args))
                library.wasm_runtime_instantiation_args_set_wasi_env(made, env, len(env))
                library.wasm_runtime_instantiation_args_set_wasi_dir(made, None, 0, dirs, len(dirs))
                # It closes none of these, even if the guest does.
                library.wasm_runtime_instantiation_args_set_wasi_stdio(
                    made, *(stdio or (self._stdin(grant.stdin), 2, 2))
                )
            yield made.value or 0
        finally:
            library.wasm_runtime_instantiation_args_destroy(made)

    def _instance(self, code: Code, arguments: int, wasi: bool) -> Instance:
        library = self._library
        error = ctypes.create_string_buffer(256)
        handle = library.wasm_runtime_instantiate_ex2(code.handle, arguments, error, len(error))
        if not handle:
            pending, self._pending = self._pending, None
            message = error.value.decode(errors="replace")
            raise pending or failure(message) or EngineError("instantiate", message)
        self._kept.append(code)
        self._ends.append(lambda: library.wasm_runtime_deinstantiate(handle))
        return Instance(library, code, handle, self._fail, initialized=wasi)

    def _stdin(self, content: bytes) -> int:
        file = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the instance)
        self._ends.append(file.close)
        file.write(content)
        file.seek(0)
        return file.fileno()

    def close(self) -> None:
        while self._ends:
            self._ends.pop()()
        self._kept.clear()


def _strings(texts: Sequence[str]) -> Any:
    return (c_char_p * len(texts))(*(text.encode() for text in texts))
