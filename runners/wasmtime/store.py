"""The instances of a script or of one of its threads: what they import, their grants of WASI, their end."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Callable, Mapping, Sequence
from ctypes import byref
from dataclasses import dataclass
from typing import Any

import wasmtime
import wasmtime._ffi as ffi

from runners.engine import WASI, EngineError, Grant
from runners.wasmtime import _binding
from runners.wasmtime.instance import Instance
from runners.wasmtime.memory import SharedMemory, StoreMemory
from runners.wasmtime.modes import Mode

__all__ = ["Code", "Store", "wasi_config"]

_NO_FINALIZER = ctypes.cast(0, ctypes.CFUNCTYPE(None, ctypes.c_void_p))


@dataclass(frozen=True)
class Code:
    """A compiled module and what it imports, by (module, field), in its order."""

    module: wasmtime.Module
    imports: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, module: wasmtime.Module) -> Code:
        return cls(module, [(item.module, item.name or "") for item in module.imports])


class Store:
    """A wasmtime store. `close` frees all its instances; what came out of it must not be used after."""

    def __init__(self, native: wasmtime.Engine, linker: wasmtime.Linker, mode: Mode) -> None:
        self._raw: Any = ffi.wasmtime_store_new(native.ptr(), None, _NO_FINALIZER)
        self.context = ffi.wasmtime_store_context(self._raw)
        mode.grant(self.context)
        self._references = _binding.References()
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
        return Instance(self.context, self._references, _binding.instantiate(self.context, code.module, given))

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
        config = wasi_config(grant)
        if grant.stdin:
            with tempfile.NamedTemporaryFile() as file:  # the engine opens it here, and keeps it open
                file.write(grant.stdin)
                file.flush()
                config.stdin_file = file.name
        # Descriptor 1 is not the protocol's any more: what a module prints is evidence on standard error.
        config.inherit_stdout()
        config.inherit_stderr()
        self.give(grant, config)

    def give(self, grant: Grant, config: wasmtime.WasiConfig) -> None:
        """The grant that its instances have, and the engine's words for it."""
        self._granted = grant
        _binding.set_wasi(self.context, config)

    def function(self, call: Callable[[int], int]) -> Any:
        """A host function (i32) -> (i32), as an import."""
        item, kept = _binding.function(self.context, call)
        self._kept.append(kept)
        return item

    def close(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            ffi.wasmtime_store_delete(raw)


def wasi_config(grant: Grant) -> wasmtime.WasiConfig:
    """Arguments, environment and folders of a grant. EngineError of phase `wasi`."""
    config = wasmtime.WasiConfig()
    try:
        config.argv = list(grant.args)
        config.env = list(grant.env.items())
        for preopen in grant.preopens:
            config.preopen_dir(str(preopen.path), preopen.guest)
    except wasmtime.WasmtimeError as error:
        raise EngineError("wasi", str(error)) from error
    return config
