"""The runner of wasmer, over a binding of our own (`binding/`)."""
