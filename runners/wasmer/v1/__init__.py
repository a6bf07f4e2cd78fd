"""The runner of wasmer 1.1.0, over the wheels of PyPI: an engine and an interface of another age than 7.4's."""
