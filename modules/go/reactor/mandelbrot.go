package main

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
			total += steps(3*(float64(x)*step)-2, 3*(float64(y)*step)-1.5)
		}
	}
	return total
}

// steps tells how many steps of z² + c stay within the circle. The explicit conversions forbid Go to fuse operations.
func steps(cRe, cIm float64) uint32 {
	var re, im float64
	for n := range uint32(most) {
		re2, im2 := float64(re*re), float64(im*im)
		if re2+im2 > 4 {
			return n
		}
		re, im = re2-im2+cRe, float64(2*re*im)+cIm
	}
	return most
}
