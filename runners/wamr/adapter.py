"""WAMR as an `Engine` of the script interpreter."""

from __future__ import annotations

import ctypes
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import byref, c_char_p, c_uint8, c_uint32, c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runners.engine import PAGE, EngineError, Exit, Grant, Trap, UncaughtException, Value, WasiOutcome
from runners.wamr import _library
from runners.wamr._library import CELLS, FUNCTION, GLOBAL, MEMORY, NATIVE, TYPES

__all__ = ["Wamr"]

STACK = 1 << 20
"""Bytes of operands, locals and frames that a thread's calls may have; the default of WAMR's own program is 64 KiB."""

MOST_THREADS = 1024
"""That a module may start by itself (wasi-threads); WAMR's default is 4."""

KINDS: Mapping[str, Sequence[str]] = {
    "unreachable": ["unreachable"],
    "integer divide by zero": ["integer divide by zero"],
    "integer overflow": ["integer overflow"],
    "invalid conversion to integer": ["invalid conversion to integer"],
    "out of bounds memory access": ["out of bounds memory access"],
    "out of bounds table access": ["out of bounds table access"],
    "undefined element": ["undefined element"],
    "uninitialized element": ["uninitialized element"],
    "indirect call type mismatch": ["indirect call type mismatch"],
    "wasm operand stack overflow": ["call stack exhausted"],
    "native stack overflow": ["call stack exhausted"],
    "unaligned atomic": ["unaligned atomic"],
    "expected shared memory": ["expected shared memory"],
}
"""What WAMR's message of a trap has in it → the spec's words that it may stand for."""


def _failure(message: str) -> Exception | None:
    """The trap or exception that a message tells of; None where it is another error."""
    if "uncaught wasm exception" in message:
        return UncaughtException(message)
    kinds = next((kinds for text, kinds in KINDS.items() if text in message), None)
    return None if kinds is None else Trap(kinds, message)


class Memory:
    """A linear memory of an instance. It may move as it grows, so its address is asked for each time."""

    def __init__(self, library: Any, handle: int) -> None:
        self._library, self.handle = library, handle

    def _size(self) -> int:
        # A module that never grows its memory has it as one large page.
        pages = self._library.wasm_memory_get_cur_page_count(self.handle)
        return int(pages * self._library.wasm_memory_get_bytes_per_page(self.handle))

    def _span(self, address: int, length: int) -> int:
        size = self._size()
        if address < 0 or length < 0 or address + length > size:
            raise EngineError("memory", f"{length} bytes at {address} are outside of a memory of {size} bytes")
        return int(self._library.wasm_memory_get_base_address(self.handle) or 0) + address

    def pages(self) -> int:
        return self._size() // PAGE

    def grow(self, pages: int) -> bool:
        """Whether it has so many pages more."""
        return bool(self._library.wasm_memory_enlarge(self.handle, pages))

    def read(self, address: int, length: int) -> bytes:
        return ctypes.string_at(self._span(address, length), length)

    def write(self, address: int, data: bytes) -> None:
        ctypes.memmove(self._span(address, len(data)), data, len(data))


class HostMemory:
    """A memory of the script's. WAMR has none: the first instance that imports it makes it, and lends it to us."""

    def __init__(self, minimum: int, maximum: int | None, shared: bool) -> None:
        if minimum > 65536 or (maximum is not None and not minimum <= maximum <= 65536):
            raise EngineError("memory", f"no memory of {minimum} to {maximum} pages")
        self.minimum, self.maximum, self.shared = minimum, maximum, shared
        self.owner: Instance | None = None

    def _made(self) -> Memory:
        if self.owner is None:
            raise EngineError("memory", "WAMR makes a memory with the first instance that imports it", "unsupported")
        memory = self.owner.memory_at(0)
        assert memory
        return memory

    def pages(self) -> int:
        return self.minimum if self.owner is None else self._made().pages()

    def read(self, address: int, length: int) -> bytes:
        return self._made().read(address, length)

    def write(self, address: int, data: bytes) -> None:
        self._made().write(address, data)


@dataclass(frozen=True)
class Import:
    module: str
    name: str
    kind: int
    linked: bool
    type: int


@dataclass(frozen=True)
class Export:
    """An exported function, memory … of an instance: what another instance may import."""

    instance: Instance
    name: str
    kind: int


class Code:
    """A loaded module. WAMR writes into the bytes that it is given and keeps them: they are a copy of its own."""

    def __init__(self, library: Any, wasm: bytes) -> None:
        self.wasm = wasm
        self._library, self._bytes = library, ctypes.create_string_buffer(wasm, len(wasm))
        error = ctypes.create_string_buffer(256)
        self.handle = library.wasm_runtime_load(self._bytes, len(wasm), error, len(error))
        if not self.handle:
            raise EngineError("compile", error.value.decode(errors="replace"))
        # The bytes must be there as long as the module.
        weakref.finalize(self, _unload, library, self.handle, self._bytes)
        self.imports = list(self._imports())
        self.exports = dict(self._exports())

    def _imports(self) -> Iterator[Import]:
        entry = _library.Entry()
        for index in range(self._library.wasm_runtime_get_import_count(self.handle)):
            self._library.wasm_runtime_get_import_type(self.handle, index, byref(entry))
            yield Import(entry.module_name.decode(), entry.name.decode(), entry.kind, entry.linked, entry.type)

    def _exports(self) -> Iterator[tuple[str, int]]:
        entry = _library.Export()
        for index in range(self._library.wasm_runtime_get_export_count(self.handle)):
            self._library.wasm_runtime_get_export_type(self.handle, index, byref(entry))
            yield entry.name.decode(), entry.kind


def _unload(library: Any, handle: int, _bytes: Any) -> None:
    library.wasm_runtime_unload(handle)


@dataclass(frozen=True)
class Signature:
    """A function's type, by the names of its types."""

    params: tuple[str, ...]
    results: tuple[str, ...]


def _imported(library: Any, type_: int) -> Signature:
    """The type of a function that is imported. (WAMR 2.4.3 does not tell an externref among the results.)"""

    def types(what: str) -> tuple[str, ...]:
        count = getattr(library, f"wasm_func_type_get_{what}_count")(type_)
        ask = getattr(library, f"wasm_func_type_get_{what}_valkind")
        return tuple(_name(ask(type_, index)) for index in range(count))

    return Signature(types("param"), types("result"))


def _exported(library: Any, function: int, instance: int) -> Signature:
    """The type of an instance's function."""

    def types(what: str) -> tuple[str, ...]:
        found = (c_uint8 * getattr(library, f"wasm_func_get_{what}_count")(function, instance))()
        getattr(library, f"wasm_func_get_{what}_types")(function, instance, found)
        return tuple(_name(number) for number in found)

    return Signature(types("param"), types("result"))


def _name(number: int) -> str:
    return TYPES.get(number, f"type {number}")


def _cells(types: Sequence[str]) -> int:
    return sum(CELLS.get(name, 0) for name in types)


class Instance:
    """An instance with the environment that its thread calls it in."""

    def __init__(self, store: Store, code: Code, handle: int, environment: int, wasi: bool) -> None:
        self._store, self._library, self.code = store, store.library, code
        self.handle, self.environment = handle, environment
        self._functions: dict[str, tuple[int, Signature]] = {}
        # WAMR calls a WASI library's itself, as it instantiates it; the script's own first call is that one.
        self._initialized = wasi and self.code.exports.get("_initialize") == FUNCTION

    def _function(self, name: str) -> tuple[int, Signature]:
        known = self._functions.get(name)
        if known is not None:
            return known
        if self.code.exports.get(name) != FUNCTION:
            raise EngineError("call", f"no function is exported as {name!r}")
        handle = self._library.wasm_runtime_lookup_function(self.handle, name.encode())
        found = self._functions[name] = handle, _exported(self._library, handle, self.handle)
        return found

    def signature(self, name: str) -> Signature:
        """The type of an exported function."""
        return self._function(name)[1]

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]:
        function, signature = self._function(name)
        given = tuple(value.type for value in args)
        if given != signature.params or tuple(results) != signature.results:
            wanted = f"({', '.join(signature.params)}) and gives ({', '.join(signature.results)})"
            raise EngineError("call", f"{name} takes {wanted}, not ({', '.join(given)}) and ({', '.join(results)})")
        if name == "_initialize" and self._initialized:
            self._initialized = False
            return []
        cells = (c_uint32 * max(_cells(given), _cells(results), 1))()
        at = 0
        for value in args:
            at = _put(cells, at, value)
        if not self._library.wasm_runtime_call_wasm(self.environment, function, _cells(given), cells):
            self._store.fail(self.handle)
        values, at = [], 0
        for kind in results:
            values.append(_take(cells, at, kind))
            at += CELLS[kind]
        return values

    def _global(self, name: str) -> tuple[str, int, bool] | None:
        """(type, address of the bits, whether it is mutable)."""
        if self.code.exports.get(name) != GLOBAL:
            return None
        found = _library.Global()
        if not self._library.wasm_runtime_get_export_global_inst(self.handle, name.encode(), byref(found)):
            return None
        return _name(found.kind), found.data, found.is_mutable

    def get(self, name: str) -> Value | None:
        found = self._global(name)
        if found is None:
            return None
        kind, address, _ = found
        if kind in ("externref", "funcref") or kind not in CELLS:
            raise EngineError("call", f"WAMR's interface does not tell a global of type {kind}", "unsupported")
        return Value(kind, int.from_bytes(ctypes.string_at(address, 4 * CELLS[kind]), "little"))

    def set(self, name: str, value: Value) -> None:
        found = self._global(name)
        if found is None:
            raise EngineError("call", f"no global is exported as {name!r}")
        kind, address, mutable = found
        if kind != value.type or not mutable:
            raise EngineError("call", f"the global {name!r} is {'' if mutable else 'not mutable, '}of type {kind}")
        ctypes.memmove(address, value.bits.to_bytes(4 * CELLS[kind], "little"), 4 * CELLS[kind])

    def memory_at(self, index: int) -> Memory | None:
        handle = self._library.wasm_runtime_get_memory(self.handle, index)
        return Memory(self._library, handle) if handle else None

    def memory(self) -> Memory | None:
        names = [name for name, kind in self.code.exports.items() if kind == MEMORY]
        name = "memory" if "memory" in names else names[0] if len(names) == 1 else None
        handle = name and self._library.wasm_runtime_lookup_memory(self.handle, name.encode())
        return Memory(self._library, handle) if handle else None

    def exports(self) -> Mapping[str, Any]:
        return {name: Export(self, name, kind) for name, kind in self.code.exports.items()}


def _put(cells: Any, at: int, value: Value) -> int:
    """Writes a value from the cell `at` on; the cell after it. References: the host's number + 1, or all ones."""
    bits = value.bits
    count = CELLS[value.type]
    if value.type == "externref":
        bits = (1 << 64) - 1 if bits < 0 else bits + 1
    elif value.type == "funcref" and bits < 0:
        bits = (1 << 32) - 1
    for index in range(count):
        cells[at + index] = bits >> (32 * index) & 0xFFFFFFFF
    return at + count


def _take(cells: Any, at: int, kind: str) -> Value:
    bits = sum(cells[at + index] << (32 * index) for index in range(CELLS[kind]))
    if kind == "externref":
        bits -= 1  # null comes back as 0
    elif kind == "funcref" and bits == (1 << 32) - 1:
        bits = -1
    return Value(kind, bits)


class Store:
    """The instances of one thread of a script, and what must live as long as they do."""

    def __init__(self, library: Any) -> None:
        self.library = library
        self._ends: list[Any] = []
        self._kept: list[Any] = []
        self._pending: Exception | None = None
        if not library.wasm_runtime_thread_env_inited():
            library.wasm_runtime_init_thread_env()
            self._ends.append(library.wasm_runtime_destroy_thread_env)

    def fail(self, instance: int) -> None:
        """Raises what ended a call into that instance."""
        message = (self.library.wasm_runtime_get_exception(instance) or b"").decode(errors="replace")
        self.library.wasm_runtime_clear_exception(instance)
        pending, self._pending = self._pending, None
        if pending is not None:
            raise pending
        if "wasi proc exit" in message:
            raise Exit(self.library.wasm_runtime_get_wasi_exit_code(instance))
        raise _failure(message) or Trap((), message)

    def instantiate(self, code: Code, imports: Mapping[tuple[str, str], Any], wasi: Grant | None) -> Instance:
        memory = self._checked(code, imports)
        if memory is not None and memory.owner is not None:
            # It has them for the threads that a module starts by itself (wasi-threads), out of the host's reach.
            raise EngineError("link", "WAMR's interface gives a memory to one instance alone", "unsupported")
        linked = self._linked(code, imports)
        with self._arguments(wasi, memory, None) as arguments:
            instance = self._instance(linked, arguments, wasi is not None)
        if memory is not None:
            self._give(instance, memory)
        return instance

    def _give(self, instance: Instance, memory: HostMemory) -> None:
        """Makes the instance's memory the script's, as large as that one is."""
        made = instance.memory_at(0)
        assert made
        lacking = memory.minimum - made.pages()
        if lacking < 0:
            raise EngineError("link", f"incompatible import type: {made.pages()} pages are wanted at least")
        if lacking and not made.grow(lacking):
            raise EngineError(
                "link", "WAMR's memory of a module that never grows it cannot be made larger", "unsupported"
            )
        memory.owner = instance

    def run(self, code: Code, grant: Grant, stdio: tuple[int, int, int]) -> None:
        """Calls `_start`."""
        self._checked(code, {})
        with self._arguments(grant, None, stdio) as arguments:
            self._instance(code, arguments, wasi=True).invoke("_start", [], [])

    def _checked(self, code: Code, imports: Mapping[tuple[str, str], Any]) -> HostMemory | None:
        """The memory of the script's that it imports. EngineError of phase `link` for what it cannot be given."""
        memory = None
        for wanted in code.imports:
            item = imports.get((wanted.module, wanted.name))
            name = f"{wanted.module}::{wanted.name}"
            if item is None:
                if wanted.kind == FUNCTION and wanted.linked:
                    continue  # WASI's
                raise EngineError("link", f"unknown import: {name} is not defined")
            if isinstance(item, HostMemory):
                if wanted.kind != MEMORY or not self._fits(item, wanted.type):
                    raise EngineError("link", f"incompatible import type: {name}")
                memory = item
            elif item.kind != wanted.kind:
                raise EngineError("link", f"incompatible import type: {name}")
            elif wanted.kind != FUNCTION:
                raise EngineError(
                    "link", f"WAMR imports functions alone from another instance, not {name}", "unsupported"
                )
        return memory

    def _fits(self, memory: HostMemory, wanted: int) -> bool:
        least = self.library.wasm_memory_type_get_init_page_count(wanted)
        most = self.library.wasm_memory_type_get_max_page_count(wanted)
        shared = bool(self.library.wasm_memory_type_get_shared(wanted))
        # Of a module that never grows its memory WAMR keeps the maximum no longer: one large page it is.
        bounded = least == most == 1 or (memory.maximum or 65536) <= most
        return shared == memory.shared and bounded

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
            self.library.wasm_runtime_register_natives_raw(module, table, len(table))
        try:
            return Code(self.library, code.wasm)
        finally:
            for module, table in tables:
                self.library.wasm_runtime_unregister_natives(module, table)

    def _native(self, export: Export, wanted: Import) -> Any:
        """A function of the host's that calls the exported one."""
        signature = export.instance.signature(export.name)
        if signature != _imported(self.library, wanted.type):
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
                instance = self.library.wasm_runtime_get_module_inst(environment)
                self.library.wasm_runtime_set_exception(instance, b"in an imported function")

        return NATIVE(call)

    @contextmanager
    def _arguments(
        self, grant: Grant | None, memory: HostMemory | None, stdio: tuple[int, int, int] | None
    ) -> Iterator[int]:
        """WAMR's arguments of an instantiation. `stdio`: descriptors, without: no input, and output to our stderr."""
        library, made = self.library, c_void_p()
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
        library = self.library
        error = ctypes.create_string_buffer(256)
        handle = library.wasm_runtime_instantiate_ex2(code.handle, arguments, error, len(error))
        if not handle:
            pending, self._pending = self._pending, None
            message = error.value.decode(errors="replace")
            raise pending or _failure(message) or EngineError("instantiate", message)
        self._kept.append(code)
        self._ends.append(lambda: library.wasm_runtime_deinstantiate(handle))
        environment = library.wasm_runtime_create_exec_env(handle, STACK)
        if not environment:
            raise EngineError("instantiate", "no memory for a stack")
        self._ends.append(lambda: library.wasm_runtime_destroy_exec_env(environment))
        return Instance(self, code, handle, environment, wasi)

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


class Wamr:
    """The engine. `library` was built with that interpreter."""

    runtime = "wamr"

    def __init__(self, library: Path, interpreter: str) -> None:
        self._library = _library.loaded(library)
        if not self._library.wasm_runtime_init():
            raise EngineError("compile", "WAMR does not start")
        self._library.wasm_runtime_set_log_level(1)  # errors; its warnings repeat what the results say
        self._library.wasm_runtime_set_max_thread_num(MOST_THREADS)
        numbers = [c_uint32(), c_uint32(), c_uint32()]
        self._library.wasm_runtime_get_version(*map(byref, numbers))
        self.version = ".".join(str(number.value) for number in numbers)
        self.facts: Mapping[str, str] = {
            "interpreter": interpreter,
            "bounds": "checked in software",
            "library": f"{library.stat().st_size // 1024} KiB",
        }

    def compile(self, wasm: bytes) -> Code:
        return Code(self._library, wasm)

    def imports(self, code: Code) -> list[tuple[str, str]]:
        return [(item.module, item.name) for item in code.imports]

    def store(self) -> Store:
        return Store(self._library)

    def shared_memory(self, minimum: int, maximum: int) -> HostMemory:
        return HostMemory(minimum, maximum, shared=True)

    def memory(self, store: Any, minimum: int, maximum: int | None) -> HostMemory:
        del store  # it becomes one with the instance that imports it
        return HostMemory(minimum, maximum, shared=False)

    def run_command(self, code: Code, grant: Grant, scratch: Path) -> WasiOutcome:
        paths = [scratch / name for name in ("stdin", "stdout", "stderr")]
        paths[0].write_bytes(grant.stdin)
        store, exit_code, ended = self.store(), 0, None
        with paths[0].open("rb") as stdin, paths[1].open("wb") as stdout, paths[2].open("wb") as stderr:
            try:
                store.run(code, grant, (stdin.fileno(), stdout.fileno(), stderr.fileno()))
            except Exit as end:
                exit_code = end.code
            except (Trap, UncaughtException, EngineError) as error:
                ended = error
            finally:
                store.close()
        return WasiOutcome(None if ended else exit_code, paths[1].read_bytes(), paths[2].read_bytes(), ended)
