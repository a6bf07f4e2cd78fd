"""The runner of mini-racer: V8 inside Python, with the interpreter of scripts that all JavaScript engines share."""
