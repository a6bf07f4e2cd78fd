"""Text format to binary: `python wat2wasm.py IN.wat OUT.wasm`."""

import sys
from pathlib import Path

from wasmtime import wat2wasm

source, target = map(Path, sys.argv[1:])
target.write_bytes(wat2wasm(source.read_text(encoding="utf-8")))
