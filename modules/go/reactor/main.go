// Command reactor is the Go module of the compiled set: one WASI reactor that serves every job Go has.
//
// modules/README.md says what each export does. Every instance lives for one script and one caller at a time.
package main

import "unsafe"

func main() {} // A c-shared build wants one; a reactor never calls it.

const alignment = 16

// kept holds what alloc gave out: the caller's addresses are not pointers that the garbage collector can see.
var kept [][]byte

// alloc gives size bytes, zeroed and 16-byte aligned, that live as long as the instance.
//
//go:wasmexport alloc
func alloc(size uint32) unsafe.Pointer {
	block := make([]byte, uint64(size)+alignment)
	kept = append(kept, block)
	start := uintptr(unsafe.Pointer(unsafe.SliceData(block)))
	return unsafe.Pointer(&block[-start%alignment])
}
