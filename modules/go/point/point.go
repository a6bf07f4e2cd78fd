// Package point is a point of the Mandelbrot set's picture.
package point

// Steps tells how many steps of z² + c stay within the circle, up to most. The explicit conversions forbid Go to fuse operations.
func Steps(cRe, cIm float64, most int32) int32 {
	var re, im float64
	for n := range most {
		re2, im2 := float64(re*re), float64(im*im)
		if re2+im2 > 4 {
			return n
		}
		re, im = re2-im2+cRe, float64(2*re*im)+cIm
	}
	return most
}
