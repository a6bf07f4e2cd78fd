package main

import (
	"math"
	"math/bits"
)

//go:wasmexport i64_add
func i64Add(a, b int64) int64 { return a + b }

//go:wasmexport i64_sub
func i64Sub(a, b int64) int64 { return a - b }

//go:wasmexport i64_mul
func i64Mul(a, b int64) int64 { return a * b }

//go:wasmexport i64_div_s
func i64Div(a, b int64) int64 { return a / b }

//go:wasmexport i64_xor
func i64Xor(a, b int64) int64 { return a ^ b }

//go:wasmexport i64_rotl
func i64RotateLeft(a, b uint64) uint64 { return bits.RotateLeft64(a, int(b%64)) }

//go:wasmexport i64_clz
func i64LeadingZeros(a uint64) int64 { return int64(bits.LeadingZeros64(a)) }

//go:wasmexport i64_ctz
func i64TrailingZeros(a uint64) int64 { return int64(bits.TrailingZeros64(a)) }

//go:wasmexport i64_popcnt
func i64OnesCount(a uint64) int64 { return int64(bits.OnesCount64(a)) }

//go:wasmexport f64_floor
func f64Floor(x float64) float64 { return math.Floor(x) }

//go:wasmexport f64_ceil
func f64Ceil(x float64) float64 { return math.Ceil(x) }

//go:wasmexport f64_trunc
func f64Trunc(x float64) float64 { return math.Trunc(x) }

//go:wasmexport f64_nearest
func f64Nearest(x float64) float64 { return math.RoundToEven(x) }

//go:wasmexport f64_sqrt
func f64Sqrt(x float64) float64 { return math.Sqrt(x) }

//go:wasmexport f64_abs
func f64Abs(x float64) float64 { return math.Abs(x) }

//go:wasmexport f64_copysign
func f64Copysign(x, sign float64) float64 { return math.Copysign(x, sign) }

//go:wasmexport f64_from_i64
func f64FromInt64(a int64) float64 { return float64(a) }

//go:wasmexport f32_from_f64
func f32FromFloat64(x float64) float32 { return float32(x) }

// i64TruncSat checks the range first: what Go's own conversion gives outside of it depends on the implementation.
//
//go:wasmexport i64_trunc_sat_f64
func i64TruncSat(x float64) int64 {
	switch {
	case math.IsNaN(x):
		return 0
	case x >= 1<<63:
		return math.MaxInt64
	case x < -1<<63:
		return math.MinInt64
	}
	return int64(x)
}

//go:wasmexport f64_bits
func f64Bits(x float64) uint64 { return math.Float64bits(x) }

//go:wasmexport f64_from_bits
func f64FromBits(a uint64) float64 { return math.Float64frombits(a) }

//go:wasmexport f32_bits
func f32Bits(x float32) uint32 { return math.Float32bits(x) }

//go:wasmexport f32_from_bits
func f32FromBits(a uint32) float32 { return math.Float32frombits(a) }
