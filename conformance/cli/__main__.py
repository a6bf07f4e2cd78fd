"""`python -m conformance.cli` is `wasm-matrix`."""

from conformance.cli import main

main(prog_name="wasm-matrix")
