package main

import (
	"slices"
	"unsafe"
)

//go:wasmexport sort_i32
func sortInt32(values *int32, n uint32) { slices.Sort(unsafe.Slice(values, n)) }

//go:wasmexport sort_i64
func sortInt64(values *int64, n uint32) { slices.Sort(unsafe.Slice(values, n)) }
