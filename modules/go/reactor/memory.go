package main

import "unsafe"

// memCopy copies n bytes; the two may overlap.
//
//go:wasmexport mem_copy
func memCopy(dst, src *byte, n uint32) { copy(unsafe.Slice(dst, n), unsafe.Slice(src, n)) }

// memFill sets n bytes to value.
//
//go:wasmexport mem_fill
func memFill(start *byte, value, n uint32) {
	target := unsafe.Slice(start, n)
	for i := range target {
		target[i] = byte(value)
	}
}
