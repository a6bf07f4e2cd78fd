/* libc's qsort, ascending, in place. */
#include <stdint.h>
#include <stdlib.h>

#include "export.h"

static int compare_i32(const void *left, const void *right) {
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

static int compare_i64(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

EXPORT(sort_i32) void sort_i32(int32_t *values, size_t n) {
    qsort(values, n, sizeof *values, compare_i32);
}

EXPORT(sort_i64) void sort_i64(int64_t *values, size_t n) {
    qsort(values, n, sizeof *values, compare_i64);
}
