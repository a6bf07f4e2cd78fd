"""wasmer 1.1 as an `Engine` of the script interpreter: its PyPI wheel's classes, its messages in our words."""

from __future__ import annotations

import re
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import wasmer  # type: ignore[import-not-found, unused-ignore]
from wasmer import wasi as preview1

from runners.commands import command
from runners.engine import WASI, EngineError, Exit, Grant, Trap, Value, WasiOutcome
from runners.values import WIDTHS
from runners.wasmer.v1 import words
from runners.wasmer.v1.streams import DRAIN, Streams

__all__ = ["COMPILERS", "Wasmer"]

COMPILERS = ("cranelift", "singlepass")


TYPES = ("", "i32", "i64", "f32", "f64", "v128", "externref", "funcref")
"""By the number that the binding has for each (`wasmer.Type`)."""

REFERENCES = frozenset({"externref", "funcref"})

KINDS: Sequence[tuple[str, Sequence[str]]] = (
    ("call stack exhausted", ["call stack exhausted"]),
    ("unreachable", ["unreachable"]),
    ("integer divide by zero", ["integer divide by zero"]),
    ("integer overflow", ["integer overflow"]),
    ("invalid conversion to integer", ["invalid conversion to integer"]),
    ("out of bounds memory access", ["out of bounds memory access"]),
    ("memory out of bounds", ["out of bounds memory access"]),
    # The same words for `table.get` and the like, and for a `call_indirect` past the end.
    ("undefined element: out of bounds table access", ["undefined element", "out of bounds table access"]),
    ("out of bounds table access", ["out of bounds table access"]),
    ("uninitialized element", ["uninitialized element"]),
    ("indirect call type mismatch", ["indirect call type mismatch"]),
)
"""How wasmer's message of a trap begins (its `TrapCode::message`) → the spec's words that it may stand for."""

TRAPPED = "RuntimeError: "
"""What begins the message of all that ended a call from inside; a refusal of the binding's has no such beginning."""

EXITED = re.compile(r"WASI exited with code: (\d+)")


def _failure(error: BaseException, phase: str) -> Exception:
    message = str(error)  # 10 million characters and more, when the stack is exhausted: a line for each frame
    if type(error).__name__ == "PanicException":
        return EngineError(phase, f"wasmer panicked: {message}", "panic")
    if not message.startswith(TRAPPED):
        linking = message.startswith("Error while importing")
        return EngineError("link" if linking else phase, message)
    message = message[len(TRAPPED) :]
    if exited := EXITED.match(message):
        return Exit(int(exited[1]))
    return Trap(next((kinds for start, kinds in KINDS if message.startswith(start)), ()), message)


@contextmanager
def _failures(phase: str = "call") -> Iterator[None]:
    try:
        yield
    except (RuntimeError, OverflowError, TypeError, ValueError) as error:
        raise _failure(error, phase) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a BaseException that no module of theirs exports
            raise
        raise _failure(error, phase) from None


def _to_python(value: Value) -> int | float:
    if value.type == "f64":
        number: float = struct.unpack("<d", struct.pack("<Q", value.bits))[0]
        return number
    return value.bits


def _bits(kind: str, given: Any) -> int:
    if kind == "f64":
        bits: int = struct.unpack("<Q", struct.pack("<d", given))[0]
        return bits
    return int(given) & ((1 << WIDTHS[kind]) - 1)


class Memory:
    """A memory of the engine; `handle` is the binding's."""

    def __init__(self, handle: wasmer.Memory) -> None:
        self.handle = handle

    def pages(self) -> int:
        return int(self.handle.size)

    def _span(self, address: int, length: int) -> memoryview:
        whole = memoryview(self.handle.buffer)  # asked for each time: it moves as it grows
        if address < 0 or length < 0 or address + length > len(whole):
            text = f"{length} bytes at {address} are outside of a memory of {len(whole)} bytes"
            raise EngineError("memory", text)
        return whole[address : address + length]

    def read(self, address: int, length: int) -> bytes:
        return bytes(self._span(address, length))

    def write(self, address: int, data: bytes) -> None:
        self._span(address, len(data))[:] = data


class Instance:
    """`module` compiles one of ours, for the words of an f32."""

    def __init__(self, handle: wasmer.Instance, module: Callable[[bytes], wasmer.Module]) -> None:
        self._exports = dict(iter(handle.exports))  # dict alone asks it for an export named `keys`
        self._module = module
        self._functions: dict[str, tuple[Any, list[str], list[str]]] = {}

    def _through(self, module: bytes, target: Any) -> Any:
        return wasmer.Instance(self._module(module), {"": {"": target}}).exports.f

    def _function(self, name: str) -> tuple[Any, list[str], list[str]]:
        known = self._functions.get(name)
        if known is not None:
            return known
        function = self._exports.get(name)
        if not isinstance(function, wasmer.Function):
            raise EngineError("call", f"no function is exported as {name!r}")
        params, results = ([TYPES[kind] for kind in kinds] for kinds in (function.type.params, function.type.results))
        if not REFERENCES.isdisjoint([*params, *results]):
            raise EngineError("call", "wasmer's Python package has no references as values", "unsupported")
        if "f32" in (*params, *results):
            function = self._through(words.of_function(params, results), function)
        self._functions[name] = function, params, results
        return self._functions[name]

    def invoke(self, name: str, args: Sequence[Value], results: Sequence[str]) -> list[Value]:
        with _failures():
            function, params, gives = self._function(name)
        if [value.type for value in args] != params or list(results) != gives:
            raise EngineError("call", f"{name} has the type {params} -> {gives}")
        with _failures():
            given = function(*map(_to_python, args))
        if len(gives) < 2:
            given = [given][: len(gives)]
        return [Value(kind, _bits(kind, one)) for kind, one in zip(gives, given, strict=True)]

    def get(self, name: str) -> Value | None:
        found = self._exports.get(name)
        if not isinstance(found, wasmer.Global):
            return None
        kind = TYPES[found.type.type]
        if kind in REFERENCES:
            raise EngineError("call", "wasmer's Python package has no references as values", "unsupported")
        with _failures():
            given = self._through(words.of_global(found.mutable), found)() if kind == "f32" else found.value
        return Value(kind, _bits(kind, given))

    def set(self, name: str, value: Value) -> None:
        found = self._exports.get(name)
        if not isinstance(found, wasmer.Global):
            raise EngineError("call", f"no global is exported as {name!r}")
        with _failures():
            found.value = _to_python(value)

    def memory(self) -> Memory | None:
        found = self._exports.get("memory")
        if isinstance(found, wasmer.Memory):
            return Memory(found)
        memories = [item for item in self._exports.values() if isinstance(item, wasmer.Memory)]
        return Memory(memories[0]) if len(memories) == 1 else None

    def exports(self) -> Mapping[str, Any]:
        return self._exports


class NoArguments:
    """WASI's functions for no arguments at all: the binding always gives a program's name."""

    def __init__(self, native: wasmer.Store) -> None:
        kind = wasmer.FunctionType([wasmer.Type.I32] * 2, [wasmer.Type.I32])
        functions = {"args_sizes_get": self._sizes, "args_get": lambda _names, _bytes: 0}
        self.imports = {name: wasmer.Function(native, function, kind) for name, function in functions.items()}
        self.memory: Memory | None = None

    def _sizes(self, count: int, size: int) -> int:
        if self.memory is not None:
            for address in (count, size):
                self.memory.write(address & 0xFFFFFFFF, bytes(4))
        return 0

    def forget(self) -> None:
        """The instance has these functions, and this its memory: a circle that no collector sees."""
        self.memory = None


class Store:
    """What a script has of the process while it runs. The engine's own store is one for all, and keeps none of it."""

    def __init__(self, engine: Wasmer) -> None:
        self._engine = engine
        self._streams = ExitStack()
        self._granted: Grant | None = None

    def instantiate(self, code: wasmer.Module, imports: Mapping[tuple[str, str], Any], wasi: Grant | None) -> Instance:
        given: dict[str, dict[str, Any]] = {}
        with _failures("wasi"):
            if wasi is not None:
                given = self._engine.preview1(wasi)
                self._stdin(wasi)
        for (module, name), item in imports.items():
            given.setdefault(module, {})[name] = item.handle if isinstance(item, Memory) else item
        nobody = None
        if wasi is not None and not wasi.args:
            nobody = NoArguments(self._engine.native)
            given[WASI].update(nobody.imports)
            self._streams.callback(nobody.forget)
        with _failures("instantiate"):
            instance = Instance(wasmer.Instance(code, given), self._engine.module)
        if nobody is not None:
            nobody.memory = instance.memory()
        return instance

    def _stdin(self, grant: Grant) -> None:
        if not grant.stdin or grant == self._granted:
            return
        if self._granted is not None:
            raise EngineError("wasi", "the modules of a script have one standard input in wasmer 1", "unsupported")
        self._granted = grant
        folder = self._streams.enter_context(tempfile.TemporaryDirectory())
        path = Path(folder, "stdin")
        path.write_bytes(grant.stdin)
        self._streams.enter_context(Streams({0: path}, self._engine.drain))

    def close(self) -> None:
        """Standard input is what it was."""
        self._streams.close()


class Wasmer:
    """The engine with one of its compilers, for the process's main thread alone."""

    runtime = "wasmer"

    def __init__(self, compiler: str) -> None:
        package = import_module(f"wasmer_compiler_{compiler}")
        self.native = wasmer.Store(wasmer.engine.Universal(package.Compiler))
        self.version = metadata.version("wasmer")
        self.facts: Mapping[str, str] = {"compiler": compiler, "engine": self.native.engine_name}
        self._words: dict[bytes, wasmer.Module] = {}
        self._drain = self.compile(wasmer.wat2wasm(DRAIN))

    def compile(self, wasm: bytes) -> wasmer.Module:
        if wasm[:4] != b"\0asm":
            # The binding would take it for text, and compile what no other runtime would.
            raise EngineError("compile", "magic header not detected")
        with _failures("compile"):
            return wasmer.Module(self.native, wasm)

    def module(self, wasm: bytes) -> wasmer.Module:
        """A module of ours, compiled once: the engine never frees the code of any."""
        if wasm not in self._words:
            self._words[wasm] = self.compile(wasm)
        return self._words[wasm]

    def imports(self, code: wasmer.Module) -> list[tuple[str, str]]:
        return [(item.module, item.name) for item in code.imports]

    def store(self) -> Store:
        return Store(self)

    def preview1(self, grant: Grant) -> dict[str, dict[str, Any]]:
        """The imports of WASI with that grant, but for standard input."""
        program, *args = grant.args or [""]
        state = preview1.StateBuilder(program)
        for argument in args:
            state.argument(argument)
        for name, value in grant.env.items():
            state.environment(name, value)
        for preopen in grant.preopens:
            state.map_directory(preopen.guest, str(preopen.path))
        imports: dict[str, dict[str, Any]] = (
            state.finalize().generate_import_object(self.native, preview1.Version.SNAPSHOT1).to_dict()
        )
        return imports

    def drain(self) -> None:
        """Reads away what is left of a standard input in the engine's buffer."""
        wasmer.Instance(self._drain, self.preview1(Grant())).exports.drain()

    def shared_memory(self, minimum: int, maximum: int) -> Memory:  # noqa: ARG002 (there is none)
        raise EngineError("memory", "wasmer 1.1 takes no module with a shared memory", "unsupported")

    def memory(self, store: Any, minimum: int, maximum: int | None) -> Memory:
        del store
        with _failures("memory"):
            return Memory(wasmer.Memory(self.native, wasmer.MemoryType(minimum, maximum)))

    def run_command(self, code: wasmer.Module, grant: Grant, scratch: Path) -> WasiOutcome:
        def run(*files: Path) -> int:
            with _failures("instantiate"):
                imports = self.preview1(grant)
                with Streams(dict(enumerate(files)), self.drain):
                    Instance(wasmer.Instance(code, imports), self.module).invoke("_start", [], [])
            return 0

        return command(grant, scratch, run)
