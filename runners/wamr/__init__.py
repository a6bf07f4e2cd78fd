"""The runner of WAMR (the WebAssembly Micro Runtime), over its C library by ctypes."""
