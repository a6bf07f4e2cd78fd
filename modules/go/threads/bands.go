package main

import (
	"math"
	"slices"

	"wasm-matrix/modules/point"
)

// A worker fetches its band into its own memory, works there, and keeps what came out in the shared one.

// sum adds up (value ^ pass) over these values and all passes.
func sum(values []int32, passes int32) (total int64) {
	for pass := range passes {
		for _, value := range values {
			total += int64(value ^ pass)
		}
	}
	return total
}

// sortBand sorts worker tid's band.
func sortBand(c control, tid int32) {
	start, end := c.border(tid), c.border(tid+1)
	at := c.data() + 4*uint32(start)
	band := fetch(at, end-start)
	slices.Sort(band)
	keep(at, band)
}

// mergeBands merges the sorted values from start to middle with those to end.
func mergeBands(c control, start, middle, end int) {
	at := c.data() + 4*uint32(start)
	a := fetch(at, middle-start)
	b := fetch(c.data()+4*uint32(middle), end-middle)
	merged := make([]int32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		first := &a
		if b[0] < a[0] {
			first = &b
		}
		merged = append(merged, (*first)[0])
		*first = (*first)[1:]
	}
	keep(at, append(append(merged, a...), b...))
}

// rows computes these rows of the picture.
func rows(c control, start, end int) {
	n, most := int(c.length()), c.iterations()
	step := 1 / float64(n)
	row := make([]int32, n)
	for y := start; y < end; y++ {
		for x := range row {
			row[x] = point.Steps(3*(float64(x)*step)-2, 3*(float64(y)*step)-1.5, most)
		}
		keep(c.out()+4*uint32(y*n), row)
	}
}

// product computes the rows of worker tid's band of a·b, each element summed over these k.
func product(c control, tid int32, ks []int) {
	n, start, end := int(c.length()), c.border(tid), c.border(tid+1)
	a := fetch(c.data()+4*uint32(start*n), (end-start)*n)
	b := fetch(c.data()+4*uint32(n*n), n*n)
	bits := make([]int32, n)
	for y := range end - start {
		row := make([]float32, n)
		for _, k := range ks {
			factor := float(a[y*n+k])
			for x, value := range b[k*n:][:n] {
				row[x] += float32(factor * float(value))
			}
		}
		for x, value := range row {
			bits[x] = int32(math.Float32bits(value))
		}
		keep(c.out()+4*uint32((start+y)*n), bits)
	}
}

func float(bits int32) float32 { return math.Float32frombits(uint32(bits)) }

// upTo gives 0 … n-1.
func upTo(n int32) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}
