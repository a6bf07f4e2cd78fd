package main

import "unsafe"

// matmul writes the product of two n × n matrices, row-major, to c.
//
// The explicit conversion forbids Go to fuse product and sum into one rounding.
//
//go:wasmexport matmul
func matmul(a, b, c *float32, n uint32) {
	left, right := unsafe.Slice(a, n*n), unsafe.Slice(b, n*n)
	product := unsafe.Slice(c, n*n)
	clear(product)
	for i := range n {
		row := product[i*n:][:n]
		for k := range n {
			factor := left[i*n+k]
			for j, value := range right[k*n:][:n] {
				row[j] += float32(factor * value)
			}
		}
	}
}
