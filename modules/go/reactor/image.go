package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"unsafe"
)

const channels = 4 // RGBA

// picture is RGBA, 8 bits a channel, rows without padding.
type picture struct {
	pixels        []byte
	width, height int
}

func pictureAt(pixels *byte, width, height uint32) picture {
	return picture{unsafe.Slice(pixels, width*height*channels), int(width), int(height)}
}

// at gives the pixel at x, y, which may lie outside: the nearest one on the edge then.
func (p picture) at(x, y int) []byte {
	x = min(max(x, 0), p.width-1)
	y = min(max(y, 0), p.height-1)
	return p.pixels[(y*p.width+x)*channels:][:channels]
}

// boxBlur writes the mean of each pixel's (2*radius+1)² window, rounded to the nearest integer.
//
//go:wasmexport box_blur
func boxBlur(src *byte, width, height, radius uint32, dst *byte) {
	from, to := pictureAt(src, width, height), pictureAt(dst, width, height)
	r := int(radius)
	area := uint32(2*r+1) * uint32(2*r+1)

	// Windows overlap: keep the sum of each column's window, move it down a row at a time.
	columns := make([][channels]uint32, from.width)
	for x := range columns {
		for y := -r - 1; y < r; y++ { // The window of row -1.
			for c, value := range from.at(x, y) {
				columns[x][c] += uint32(value)
			}
		}
	}
	for y := range from.height {
		for x := range columns {
			enter, leave := from.at(x, y+r), from.at(x, y-r-1)
			for c := range channels {
				columns[x][c] += uint32(enter[c]) - uint32(leave[c])
			}
		}
		column := func(x int) *[channels]uint32 { return &columns[min(max(x, 0), from.width-1)] }
		var sum [channels]uint32
		for x := -r - 1; x < r; x++ {
			for c, value := range column(x) {
				sum[c] += value
			}
		}
		for x := range from.width {
			enter, leave, out := column(x+r), column(x-r-1), to.at(x, y)
			for c := range channels {
				sum[c] += enter[c] - leave[c]
				out[c] = byte((sum[c] + area/2) / area)
			}
		}
	}
}

// tap is where a target coordinate reads from: two neighbours and the weight of the second, in 1/256.
type tap struct {
	first, second int
	weight        uint32
}

// taps maps the target coordinates 0 … target-1 to a source of the given length, centres aligned.
func taps(target, source int) []tap {
	all := make([]tap, target)
	for i := range all {
		// Never negative before the subtraction, so the division is a floor.
		at := int64(2*i+1)*int64(source)<<16/int64(2*target) - 1<<15
		at = min(max(at, 0), int64(source-1)<<16)
		first := int(at >> 16)
		all[i] = tap{first, min(first+1, source-1), uint32(at&0xffff) >> 8}
	}
	return all
}

func (p picture) resizeTo(to picture) {
	across := taps(to.width, p.width)
	for y, v := range taps(to.height, p.height) {
		for x, h := range across {
			out := to.at(x, y)
			p00, p10 := p.at(h.first, v.first), p.at(h.second, v.first)
			p01, p11 := p.at(h.first, v.second), p.at(h.second, v.second)
			for c := range channels {
				top := uint32(p00[c])*(256-h.weight) + uint32(p10[c])*h.weight
				bottom := uint32(p01[c])*(256-h.weight) + uint32(p11[c])*h.weight
				out[c] = byte((top*(256-v.weight) + bottom*v.weight + 1<<15) >> 16)
			}
		}
	}
}

// resize scales by bilinear interpolation in fixed point.
//
//go:wasmexport resize
func resize(src *byte, width, height uint32, dst *byte, dstWidth, dstHeight uint32) {
	pictureAt(src, width, height).resizeTo(pictureAt(dst, dstWidth, dstHeight))
}

// resizeJPEG scales as resize does and writes a baseline JPEG of the colours, without alpha.
//
// It gives the JPEG's length, or 0 when that is more than capacity.
//
//go:wasmexport resize_jpeg
func resizeJPEG(src *byte, width, height, dstWidth, dstHeight, quality uint32, out *byte, capacity uint32) uint32 {
	// The encoder takes an image.RGBA's red, green and blue as they are and never looks at its alpha.
	scaled := image.NewRGBA(image.Rect(0, 0, int(dstWidth), int(dstHeight)))
	pictureAt(src, width, height).resizeTo(picture{scaled.Pix, int(dstWidth), int(dstHeight)})

	// The buffer writes to out itself and moves away only when out is full.
	buffer := bytes.NewBuffer(unsafe.Slice(out, capacity)[:0])
	if err := jpeg.Encode(buffer, scaled, &jpeg.Options{Quality: int(quality)}); err != nil {
		return 0
	}
	if length := uint32(buffer.Len()); length <= capacity {
		return length
	}
	return 0
}
