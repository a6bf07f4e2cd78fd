/* One operation of C on i64, f64 and f32 each; what C leaves undefined is decided here. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "export.h"

/* Sums, differences and products wrap: C's unsigned arithmetic. */
EXPORT(i64_add) uint64_t i64_add(uint64_t a, uint64_t b) { return a + b; }
EXPORT(i64_sub) uint64_t i64_sub(uint64_t a, uint64_t b) { return a - b; }
EXPORT(i64_mul) uint64_t i64_mul(uint64_t a, uint64_t b) { return a * b; }
EXPORT(i64_div_s) int64_t i64_div_s(int64_t a, int64_t b) { return a / b; }
EXPORT(i64_xor) uint64_t i64_xor(uint64_t a, uint64_t b) { return a ^ b; }
EXPORT(i64_rotl) uint64_t i64_rotl(uint64_t a, uint64_t b) { return a << (b & 63) | a >> (-b & 63); }
EXPORT(i64_clz) int64_t i64_clz(uint64_t a) { return a ? __builtin_clzll(a) : 64; }
EXPORT(i64_ctz) int64_t i64_ctz(uint64_t a) { return a ? __builtin_ctzll(a) : 64; }
EXPORT(i64_popcnt) int64_t i64_popcnt(uint64_t a) { return __builtin_popcountll(a); }

EXPORT(f64_floor) double f64_floor(double a) { return floor(a); }
EXPORT(f64_ceil) double f64_ceil(double a) { return ceil(a); }
EXPORT(f64_trunc) double f64_trunc(double a) { return trunc(a); }
EXPORT(f64_nearest) double f64_nearest(double a) { return nearbyint(a); } /* the rounding mode is ties-to-even */
EXPORT(f64_sqrt) double f64_sqrt(double a) { return sqrt(a); }
EXPORT(f64_abs) double f64_abs(double a) { return fabs(a); }
EXPORT(f64_copysign) double f64_copysign(double a, double b) { return copysign(a, b); }

EXPORT(f64_from_i64) double f64_from_i64(int64_t a) { return (double)a; }
EXPORT(f32_from_f64) float f32_from_f64(double a) { return (float)a; }

/* Saturating, NaN gives 0: a conversion that does not fit is undefined in C. */
EXPORT(i64_trunc_sat_f64) int64_t i64_trunc_sat_f64(double a) {
    if (isnan(a)) return 0;
    if (a >= 0x1p63) return INT64_MAX;
    if (a < -0x1p63) return INT64_MIN;
    return (int64_t)a;
}

/* The bits unchanged, NaN payloads too: memcpy is C's way to say it. */
EXPORT(f64_bits) int64_t f64_bits(double a) {
    int64_t bits;
    memcpy(&bits, &a, sizeof bits);
    return bits;
}

EXPORT(f64_from_bits) double f64_from_bits(int64_t bits) {
    double a;
    memcpy(&a, &bits, sizeof a);
    return a;
}

EXPORT(f32_bits) int32_t f32_bits(float a) {
    int32_t bits;
    memcpy(&bits, &a, sizeof bits);
    return bits;
}

EXPORT(f32_from_bits) float f32_from_bits(int32_t bits) {
    float a;
    memcpy(&a, &bits, sizeof a);
    return a;
}
