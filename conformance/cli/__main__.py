"""`python -m conformance.cli` is `wasm-matrix`."""

from conformance.cli import main

main()
