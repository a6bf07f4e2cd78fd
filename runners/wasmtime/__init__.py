"""The runner of wasmtime, over its Python binding."""
