"""The runner of wasmi, over a binding of our own (`binding/`)."""
