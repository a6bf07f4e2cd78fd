"""WAMR's C interface (`wasm_export.h`) as the adapter needs it, by ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from ctypes import POINTER, Structure, c_bool, c_char_p, c_int32, c_int64, c_uint8, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any

__all__ = [
    "FUNCTION",
    "GLOBAL",
    "MEMORY",
    "NATIVE",
    "Entry",
    "Global",
    "NativeSymbol",
    "loaded",
]

FUNCTION, TABLE, MEMORY, GLOBAL = range(4)
"""`wasm_import_export_kind_t`."""

NATIVE = ctypes.CFUNCTYPE(None, c_void_p, POINTER(c_uint64))
"""A function of the host's in the raw convention: its arguments, and in their place its result."""


class NativeSymbol(Structure):
    _fields_ = (
        ("symbol", c_char_p), ("func_ptr", c_void_p), ("signature", c_char_p), ("attachment", c_void_p),
    )  # fmt: skip


class Entry(Structure):
    """`wasm_import_t`; for `wasm_export_t`, which has no `module_name` and `linked`, see `Export`."""

    _fields_ = (
        ("module_name", c_char_p), ("name", c_char_p), ("kind", c_int32), ("linked", c_bool), ("type", c_void_p),
    )  # fmt: skip


class Export(Structure):
    """`wasm_export_t`."""

    _fields_ = (("name", c_char_p), ("kind", c_int32), ("type", c_void_p))


class Global(Structure):
    """`wasm_global_inst_t`."""

    _fields_ = (("kind", c_uint8), ("is_mutable", c_bool), ("data", c_void_p))


_POINTERS = POINTER(c_char_p)

_SIGNATURES: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
    "wasm_runtime_init": (c_bool, ()),
    "wasm_runtime_get_version": (None, (POINTER(c_uint32),) * 3),
    "wasm_runtime_set_log_level": (None, (c_int32,)),
    "wasm_runtime_set_max_thread_num": (None, (c_uint32,)),
    "wasm_runtime_init_thread_env": (c_bool, ()),
    "wasm_runtime_destroy_thread_env": (None, ()),
    "wasm_runtime_thread_env_inited": (c_bool, ()),
    "wasm_runtime_load": (c_void_p, (c_void_p, c_uint32, c_char_p, c_uint32)),
    "wasm_runtime_unload": (None, (c_void_p,)),
    "wasm_runtime_get_import_count": (c_int32, (c_void_p,)),
    "wasm_runtime_get_import_type": (None, (c_void_p, c_int32, POINTER(Entry))),
    "wasm_runtime_get_export_count": (c_int32, (c_void_p,)),
    "wasm_runtime_get_export_type": (None, (c_void_p, c_int32, POINTER(Export))),
    "wasm_func_type_get_param_count": (c_uint32, (c_void_p,)),
    "wasm_func_type_get_param_valkind": (c_uint8, (c_void_p, c_uint32)),
    "wasm_func_type_get_result_count": (c_uint32, (c_void_p,)),
    "wasm_func_type_get_result_valkind": (c_uint8, (c_void_p, c_uint32)),
    "wasm_memory_type_get_init_page_count": (c_uint32, (c_void_p,)),
    "wasm_memory_type_get_max_page_count": (c_uint32, (c_void_p,)),
    "wasm_memory_type_get_shared": (c_bool, (c_void_p,)),
    "wasm_runtime_register_natives_raw": (c_bool, (c_char_p, POINTER(NativeSymbol), c_uint32)),
    "wasm_runtime_unregister_natives": (c_bool, (c_char_p, POINTER(NativeSymbol))),
    "wasm_runtime_instantiation_args_create": (c_bool, (POINTER(c_void_p),)),
    "wasm_runtime_instantiation_args_destroy": (None, (c_void_p,)),
    "wasm_runtime_instantiation_args_set_default_stack_size": (None, (c_void_p, c_uint32)),
    "wasm_runtime_instantiation_args_set_max_memory_pages": (None, (c_void_p, c_uint32)),
    "wasm_runtime_instantiation_args_set_wasi_arg": (None, (c_void_p, _POINTERS, c_int32)),
    "wasm_runtime_instantiation_args_set_wasi_env": (None, (c_void_p, _POINTERS, c_uint32)),
    "wasm_runtime_instantiation_args_set_wasi_dir": (None, (c_void_p, _POINTERS, c_uint32, _POINTERS, c_uint32)),
    "wasm_runtime_instantiation_args_set_wasi_stdio": (None, (c_void_p, c_int64, c_int64, c_int64)),
    "wasm_runtime_instantiate_ex2": (c_void_p, (c_void_p, c_void_p, c_char_p, c_uint32)),
    "wasm_runtime_deinstantiate": (None, (c_void_p,)),
    "wasm_runtime_get_exec_env_singleton": (c_void_p, (c_void_p,)),
    "wasm_runtime_get_module_inst": (c_void_p, (c_void_p,)),
    "wasm_runtime_lookup_function": (c_void_p, (c_void_p, c_char_p)),
    "wasm_func_get_param_count": (c_uint32, (c_void_p, c_void_p)),
    "wasm_func_get_param_types": (None, (c_void_p, c_void_p, POINTER(c_uint8))),
    "wasm_func_get_result_count": (c_uint32, (c_void_p, c_void_p)),
    "wasm_func_get_result_types": (None, (c_void_p, c_void_p, POINTER(c_uint8))),
    "wasm_application_execute_main": (c_bool, (c_void_p, c_int32, c_void_p)),
    "wasm_runtime_call_wasm": (c_bool, (c_void_p, c_void_p, c_uint32, POINTER(c_uint32))),
    "wasm_runtime_get_exception": (c_char_p, (c_void_p,)),
    "wasm_runtime_set_exception": (None, (c_void_p, c_char_p)),
    "wasm_runtime_clear_exception": (None, (c_void_p,)),
    "wasm_runtime_get_wasi_exit_code": (c_uint32, (c_void_p,)),
    "wasm_runtime_get_export_global_inst": (c_bool, (c_void_p, c_char_p, POINTER(Global))),
    "wasm_runtime_lookup_memory": (c_void_p, (c_void_p, c_char_p)),
    "wasm_runtime_get_memory": (c_void_p, (c_void_p, c_uint32)),
    "wasm_memory_get_cur_page_count": (c_uint64, (c_void_p,)),
    "wasm_memory_get_bytes_per_page": (c_uint64, (c_void_p,)),
    "wasm_memory_get_base_address": (c_void_p, (c_void_p,)),
    "wasm_memory_enlarge": (c_bool, (c_void_p, c_uint64)),
}


def loaded(path: Path) -> Any:
    """The library with the types of its functions. Errors: OSError."""
    library = ctypes.CDLL(str(path))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
