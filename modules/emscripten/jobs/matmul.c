/* c = a b, n x n, row-major. Each element is summed for k = 0 … n-1, product and sum each rounded to f32. */
#include <stddef.h>
#include <string.h>

#include "export.h"

EXPORT(matmul) void matmul(const float *a, const float *b, float *c, size_t n) {
    memset(c, 0, n * n * sizeof *c);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            float factor = a[i * n + k];
            for (size_t j = 0; j < n; j++) c[i * n + j] += factor * b[k * n + j];
        }
}
