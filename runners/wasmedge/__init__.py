"""The runner of WasmEdge, over its C library by ctypes."""
