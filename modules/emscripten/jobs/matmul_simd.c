/* c = a b with wasm_simd128.h. A lane is a column: each element sums in the scalar order, and equals it bit for bit. */
#include <stddef.h>
#include <string.h>
#include <wasm_simd128.h>

#include "export.h"

enum { LANES = 4 };

EXPORT(matmul) void matmul(const float *a, const float *b, float *c, size_t n) {
    memset(c, 0, n * n * sizeof *c);
    size_t whole = n - n % LANES;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            float factor = a[i * n + k];
            v128_t factors = wasm_f32x4_splat(factor);
            const float *from = b + k * n;
            float *to = c + i * n;
            for (size_t j = 0; j < whole; j += LANES) {
                v128_t product = wasm_f32x4_mul(factors, wasm_v128_load(from + j));
                wasm_v128_store(to + j, wasm_f32x4_add(wasm_v128_load(to + j), product));
            }
            for (size_t j = whole; j < n; j++) to[j] += factor * from[j];
        }
}
