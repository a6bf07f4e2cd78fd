module wasm-matrix/modules

go 1.26
