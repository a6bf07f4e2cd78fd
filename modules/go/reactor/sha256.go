package main

import (
	"crypto/sha256"
	"unsafe"
)

// sum256 writes the SHA-256 of length bytes at data to out.
//
//go:wasmexport sha256
func sum256(data *byte, length uint32, out *[sha256.Size]byte) {
	*out = sha256.Sum256(unsafe.Slice(data, length))
}
