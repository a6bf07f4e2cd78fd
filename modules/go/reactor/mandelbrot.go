package main

import "wasm-matrix/modules/point"

const most = 400 // steps

// mandelbrotBand gives all steps of the points in worker tid's rows of a picture, for workers that share no memory; arg is the
// side of the picture times 256, plus the workers.
//
//go:wasmexport mandelbrot_band
func mandelbrotBand(tid, arg uint32) (total uint32) {
	points, workers := arg/256, arg%256
	step := 1 / float64(points)
	for y := points * tid / workers; y < points*(tid+1)/workers; y++ {
		for x := range points {
			total += uint32(point.Steps(3*(float64(x)*step)-2, 3*(float64(y)*step)-1.5, most))
		}
	}
	return total
}
